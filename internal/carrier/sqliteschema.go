package carrier

import (
	"io"
	"slices"
	"strings"
)

// A sqliteTable is one tree of the database.
type sqliteTable struct {
	name    string
	root    uint32
	index   bool
	columns []string
	alias   int // the column that is another name of the row number, or -1
}

// A sqliteSchema is the list of trees.
type sqliteSchema struct {
	tables []*sqliteTable
	text   strings.Builder // the statements, for the scanner
	broken bool            // from some entry on
}

// schema reads the list, which is the tree that begins on the first page.
func (s *sqlitePages) schema() (*sqliteSchema, error) {
	c := &sqliteCursor{s: s}
	if err := c.open(1); err != nil {
		return nil, err
	}
	all := &sqliteSchema{}
	for {
		cell, err := c.next()
		if err == io.EOF {
			return all, nil
		}
		if err == nil {
			err = s.entry(cell, all)
		}
		if len(all.tables) > maxSQLiteTables || all.text.Len() > maxSQLiteSchema {
			return nil, &CauseError{OverBudget}
		}
		if err != nil {
			all.broken = true
			return all, nil
		}
	}
}

// entry reads one row of the list: type, name, table, page, statement.
func (s *sqlitePages) entry(cell *sqliteCell, all *sqliteSchema) error {
	types, err := cell.header(nil)
	if err != nil || len(types) != 5 {
		return &CauseError{Broken}
	}
	var text [5]string
	var root uint32
	for i, kind := range types {
		b, err := sqliteShort(cell, kind)
		if err != nil {
			return err
		}
		switch {
		case i == 3:
			for _, c := range b {
				root = root<<8 | uint32(c)
			}
		case s.utf16 > 1:
			text[i] = string(narrow(b, s.utf16 == 3))
		default:
			text[i] = string(b)
		}
	}
	if err := cell.skip(); err != nil {
		return err
	}
	all.text.WriteString(text[1] + "\t" + text[4] + "\n")
	if root == 0 {
		return nil // a view, a trigger, a virtual table
	}
	t := &sqliteTable{name: text[1], root: root, index: text[0] == "index", alias: -1}
	if !t.index {
		t.columns, t.alias = sqliteColumns(text[4])
	}
	all.tables = append(all.tables, t)
	return nil
}

// sqliteShort reads a value that is not long, numbers as they are stored.
func sqliteShort(cell *sqliteCell, kind int64) ([]byte, error) {
	var size int64
	switch {
	case kind >= 12:
		size = (kind - 12) / 2
	case kind < 8:
		size = [8]int64{0, 1, 2, 3, 4, 6, 8, 8}[kind]
	case kind == 9:
		return []byte{1}, nil
	}
	if size > maxSQLiteValue || size > cell.left {
		return nil, &CauseError{Broken}
	}
	b := make([]byte, size)
	_, err := io.ReadFull(cell, b)
	return b, err
}

// sqliteColumns returns the names of the columns in the order in which a row
// keeps them, and which of them is the row number.
func sqliteColumns(sql string) (names []string, alias int) {
	words := sqliteWords(sql)
	open := slices.Index(words, "(")
	if open < 0 {
		return nil, -1
	}
	alias = -1
	var keys []string
	rowless := strings.EqualFold(strings.Join(words[max(0, len(words)-2):], " "), "without rowid")
	integers := map[string]int{}
	for _, def := range sqliteDefinitions(words[open+1:]) {
		if key, is := sqliteConstraint(def); is {
			keys = append(keys, key...)
			continue
		}
		if sqliteVirtual(def) {
			continue
		}
		name := def[0]
		if len(def) > 1 && strings.EqualFold(def[1], "integer") {
			integers[strings.ToLower(name)] = len(names)
		}
		if sqliteHas(def, "primary", "key") {
			keys = append(keys, name)
		}
		names = append(names, name)
	}
	if rowless {
		return sqliteKeyFirst(names, keys), -1
	}
	if len(keys) == 1 {
		if i, ok := integers[strings.ToLower(keys[0])]; ok {
			alias = i
		}
	}
	return names, alias
}

// sqliteKeyFirst orders names as a table without row numbers keeps them.
func sqliteKeyFirst(names, keys []string) []string {
	var out []string
	for _, list := range [][]string{keys, names} {
		for _, name := range list {
			if !slices.ContainsFunc(out, func(have string) bool { return strings.EqualFold(have, name) }) {
				out = append(out, name)
			}
		}
	}
	return out
}

// sqliteDefinitions splits what lies between the brackets at its commas.
func sqliteDefinitions(words []string) [][]string {
	var all [][]string
	var def []string
	deep := 0
	for _, word := range words {
		switch {
		case word == "(":
			deep++
		case word == ")":
			deep--
		}
		if deep < 0 || word == "," && deep == 0 {
			if len(def) > 0 {
				all = append(all, def)
			}
			if def = nil; deep < 0 {
				break
			}
			continue
		}
		def = append(def, word)
	}
	return all
}

// sqliteConstraint reports whether a definition is of no column, and which
// columns it makes the key.
func sqliteConstraint(def []string) (keys []string, is bool) {
	switch strings.ToLower(def[0]) {
	case "constraint", "unique", "check", "foreign":
		is = true
	case "primary":
		is = len(def) > 1 && strings.EqualFold(def[1], "key")
	}
	if !is || !sqliteHas(def, "primary", "key") {
		return nil, is
	}
	open := slices.Index(def, "(")
	for i := open + 1; open >= 0 && i < len(def) && def[i] != ")"; i++ {
		if i == open+1 || def[i-1] == "," {
			keys = append(keys, def[i])
		}
	}
	return keys, true
}

// sqliteVirtual reports whether a column is computed and not kept.
func sqliteVirtual(def []string) bool {
	return sqliteHas(def, "as", "(") && !sqliteHas(def, "stored")
}

// sqliteHas reports whether the words follow each other somewhere.
func sqliteHas(def []string, words ...string) bool {
	for i := 1; i+len(words) <= len(def); i++ {
		if slices.EqualFunc(def[i:i+len(words)], words, strings.EqualFold) {
			return true
		}
	}
	return slices.EqualFunc(def[:min(len(def), len(words))], words, strings.EqualFold)
}

// sqliteWords splits a statement into names, brackets, commas and the rest.
// Names lose their quotes, and comments are left out.
func sqliteWords(sql string) []string {
	var words []string
	for len(sql) > 0 {
		c := sql[0]
		size := 1
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			sql = sql[1:]
			continue
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
			continue
		case strings.HasPrefix(sql, "/*"):
			_, sql, _ = strings.Cut(sql, "*/")
			continue
		case c == '"' || c == '`' || c == '\'' || c == '[':
			end := strings.IndexByte(sql[1:], map[byte]byte{'"': '"', '`': '`', '\'': '\'', '[': ']'}[c])
			if end < 0 {
				return append(words, sql[1:])
			}
			words = append(words, sql[1:1+end])
			sql = sql[end+2:]
			continue
		case sqliteLetter(c):
			for size < len(sql) && sqliteLetter(sql[size]) {
				size++
			}
		}
		words = append(words, sql[:size])
		sql = sql[size:]
	}
	return words
}

func sqliteLetter(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
