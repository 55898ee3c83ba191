package estate

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/stanch/stanch/card"
)

// A Cause says in a word why a line of an import was refused. Console and API
// translate it.
type Cause string

// The causes.
const (
	CauseEncoding  Cause = "encoding"    // the file is neither UTF-8 nor GBK text
	CauseTooLarge  Cause = "too_large"   // too many bytes or lines
	CauseEmpty     Cause = "empty"       // no line below the header
	CauseHeader    Cause = "header"      // the first line names no kind and code, or a column twice
	CauseQuotes    Cause = "quotes"      // a quote opens or closes where it cannot
	CauseColumns   Cause = "columns"     // more cells than the header has
	CauseCard      Cause = "card_number" // a cell holds a card number
	CauseKind      Cause = "kind"        // no such kind
	CauseCode      Cause = "code"        // no code, too long, or not on one line
	CauseTwice     Cause = "twice"       // the same node stands on an earlier line
	CauseText      Cause = "text"        // a name or place is too long, or not on one line
	CauseActive    Cause = "active"      // neither yes nor no
	CauseMerchant  Cause = "merchant"    // its merchant is not there
	CauseParent    Cause = "parent"      // its parent is not there, or not of a kind that may hold it
	CauseAmbiguous Cause = "ambiguous"   // its parent could be two
)

// Causes lists every cause.
func Causes() []Cause {
	return []Cause{CauseEncoding, CauseTooLarge, CauseEmpty, CauseHeader, CauseQuotes, CauseColumns, CauseCard, CauseKind, CauseCode,
		CauseTwice, CauseText, CauseActive, CauseMerchant, CauseParent, CauseAmbiguous}
}

// A BadLine is a line that was refused: its number in the file, from 1, and
// why. What stands on it is not repeated.
type BadLine struct {
	Line  int   `json:"line"`
	Cause Cause `json:"cause"`
}

const (
	sheetLimit = 8 << 20
	linesMost  = 10_000 // a few seconds in which nothing else commits
	badMost    = 1_000
)

// columns maps what a header may call a column to what it is. Cells of other
// columns are looked at for card numbers, and not kept.
var columns = map[string]string{
	"kind": "kind", "type": "kind", "类型": "kind", "类别": "kind",
	"code": "code", "number": "code", "编号": "code", "代码": "code",
	"name": "name", "名称": "name", "姓名": "name",
	"merchant": "merchant", "商户": "merchant", "商户号": "merchant",
	"parent": "parent", "上级": "parent", "上级编号": "parent",
	"place": "place", "位置": "place", "目录": "place",
	"active": "active", "启用": "active", "在用": "active",
}

// kindWords maps what a cell may call a kind to the kind.
var kindWords = map[string]NodeKind{
	"merchant": Merchant, "商户": Merchant,
	"store": Store, "门店": Store, "店铺": Store,
	"terminal": Terminal, "终端": Terminal,
	"operator": Operator, "操作员": Operator, "收银员": Operator,
	"system": System, "系统": System,
}

// activeWords maps what a cell may say to whether the node is in use.
var activeWords = map[string]bool{
	"": true, "yes": true, "true": true, "1": true, "y": true, "是": true, "启用": true,
	"no": false, "false": false, "0": false, "n": false, "否": false, "停用": false,
}

// A line is one row of an import: a draft whose merchant and parent are still
// codes. Columns that the file does not have are left as they were.
type line struct {
	number   int
	draft    Draft
	merchant string
	parent   string
	silent   silent
}

// silent says which columns a file does not have.
type silent struct{ name, parent, place, active bool }

func silentOn(said map[string]string) silent {
	lacks := func(column string) bool { _, ok := said[column]; return !ok }
	return silent{lacks("name"), lacks("parent") && lacks("merchant"), lacks("place"), lacks("active")}
}

// keep fills in from the node that is there what the file does not speak of.
func (s silent) keep(d *Draft, before *Node) {
	if s.name {
		d.Name = before.Name
	}
	if s.parent {
		d.Parent = before.Parent
	}
	if s.place {
		d.Place = before.Place
	}
	if s.active {
		d.Active = before.Active
	}
}

// A sheet reads an import and gathers what is wrong with it.
type sheet struct {
	lines []line
	bad   []BadLine
	whole int // bad lines, counted past badMost too
}

func (s *sheet) refuse(number int, why Cause) {
	if s.whole++; len(s.bad) < badMost {
		s.bad = append(s.bad, BadLine{number, why})
	}
}

// readSheet reads a CSV: UTF-8 with or without a mark, or GBK. It fails only
// if from does.
func readSheet(from io.Reader) (*sheet, error) {
	raw, err := io.ReadAll(io.LimitReader(from, sheetLimit+1))
	if err != nil {
		return nil, err
	}
	s := &sheet{}
	text, ok := decode(raw)
	switch {
	case len(raw) > sheetLimit:
		s.refuse(1, CauseTooLarge)
		return s, nil
	case !ok:
		s.refuse(1, CauseEncoding)
		return s, nil
	}
	s.read(text)
	return s, nil
}

// decode returns the text of a file. Spreadsheets in China save GBK.
func decode(raw []byte) (string, bool) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil {
			return "", false
		}
		raw = text
	}
	return string(raw), !bytes.ContainsRune(raw, 0) && !bytes.ContainsRune(raw, utf8.RuneError)
}

func (s *sheet) read(text string) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.ReuseRecord = -1, false
	var header []string
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			// What follows a quote out of place cannot be told into lines.
			s.refuse(broken.StartLine, CauseQuotes)
			return
		}
		number, _ := r.FieldPos(0)
		switch {
		case slices.ContainsFunc(cells, func(c string) bool { return c != "" }) && len(s.lines)+s.whole >= linesMost:
			s.refuse(number, CauseTooLarge)
			return
		case header == nil:
			if header = s.header(number, cells); header == nil {
				return
			}
		default:
			s.take(number, header, cells)
		}
	}
	if len(s.lines) == 0 && s.whole == 0 {
		s.refuse(1, CauseEmpty)
	}
}

// header returns what each column is, or nil if the line is no header.
func (s *sheet) header(number int, cells []string) []string {
	var header []string
	for _, c := range cells {
		if card.HoldsPAN(c) {
			s.refuse(number, CauseCard)
			return nil
		}
		what := columns[strings.ToLower(strings.TrimSpace(c))]
		if what != "" && slices.Contains(header, what) {
			s.refuse(number, CauseHeader)
			return nil
		}
		header = append(header, what)
	}
	if !slices.Contains(header, "kind") || !slices.Contains(header, "code") {
		s.refuse(number, CauseHeader)
		return nil
	}
	return header
}

// take reads one line. Cells are text as they stand: one that begins like a
// formula is never worked out, here or later.
func (s *sheet) take(number int, header, cells []string) {
	said := map[string]string{}
	for _, what := range header {
		if what != "" {
			said[what] = ""
		}
	}
	empty := true
	for i, c := range cells {
		c = strings.TrimSpace(c)
		empty = empty && c == ""
		switch {
		case i >= len(header):
			if c != "" {
				s.refuse(number, CauseColumns)
				return
			}
			continue
		case holdsCard(header[i], c):
			s.refuse(number, CauseCard)
			return
		}
		if header[i] != "" {
			said[header[i]] = c
		}
	}
	if empty {
		return
	}
	s.understand(number, said)
}

// holdsCard reports whether a cell holds a card number; codes have a rule of
// their own.
func holdsCard(column, cell string) bool {
	switch column {
	case "code", "merchant", "parent":
		return codeHoldsCard(tidyCode(cell))
	}
	return card.HoldsPAN(cell)
}

func (s *sheet) understand(number int, said map[string]string) {
	kind, ok := kindWords[strings.ToLower(said["kind"])]
	if !ok {
		s.refuse(number, CauseKind)
		return
	}
	active, ok := activeWords[strings.ToLower(said["active"])]
	if !ok {
		s.refuse(number, CauseActive)
		return
	}
	d, err := Draft{Kind: kind, Code: said["code"], Name: said["name"], Place: said["place"], Active: active}.checked()
	switch {
	case errors.Is(err, ErrCode):
		s.refuse(number, CauseCode)
	case errors.Is(err, ErrCardData):
		s.refuse(number, CauseCard)
	case err != nil:
		s.refuse(number, CauseText)
	case kind == Merchant && (said["merchant"] != "" && tidyCode(said["merchant"]) != d.Code || said["parent"] != ""):
		s.refuse(number, CauseParent)
	default:
		s.lines = append(s.lines, line{number, d, tidyCode(said["merchant"]), tidyCode(said["parent"]), silentOn(said)})
	}
}
