// Package datafile reads the data that Stanch runs by: strict YAML in one
// document, within limits, without anchors, aliases or tags. Bytes go in; typed
// values and faults with a line and a key come out. It opens only what it is
// given, keeps nothing, and no fault of its own quotes a value.
package datafile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A FileError says what is wrong in a file, where, and what to do. It names
// the key and never quotes the value.
type FileError struct {
	What    string // what the file is meant to be; empty is "pack"
	File    string
	Line    int    // 1-based; 0 if the fault has no line
	Key     string // as in tasks[3].due; empty if the fault has no key
	Problem string
}

func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("read " + cmp.Or(e.What, "pack") + " " + e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ": line %d", e.Line)
	}
	if e.Key != "" {
		fmt.Fprintf(&b, ": key %s", Plain(e.Key))
	}
	return b.String() + ": " + e.Problem
}

// Plain makes a name from a file fit to be shown: short, and without letters that
// a terminal obeys.
func Plain(name string) string {
	const most = 80
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return '?'
		}
		return c
	}, name)
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}

// A File is one file as read and as parsed, kept until the checks are over so
// that a fault can be shown with its line.
type File struct {
	Name string
	What string // as in [FileError]
	Data []byte
	file *ast.File
}

// A Header opens every data file: what shape the file has, and which edition it is.
type Header struct {
	Schema  string `yaml:"schema"`
	Version string `yaml:"version"`
}

// MaxSize bounds a file. The largest of ours is a tenth of it; one past it is a
// mistake, not a playbook.
const MaxSize = 1 << 20

var versionShape = regexp.MustCompile(`^\d{4}\.\d{1,2}\.\d+(-[a-z0-9.]+)?$`)

// Open reads a file, unless it is larger than [MaxSize].
func Open(from fs.FS, name string) (*File, error) {
	f, err := from.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open pack %s: %w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("open pack %s: %w", name, err)
	}
	s := &File{Name: name, Data: data}
	return s, s.refuseSize()
}

func (s *File) refuseSize() error {
	if len(s.Data) > MaxSize {
		return s.errorf(0, "", "is larger than %d bytes; cut it down", MaxSize)
	}
	return nil
}

func (s *File) errorf(line int, key, problem string, args ...any) *FileError {
	return &FileError{What: s.What, File: s.Name, Line: line, Key: key, Problem: fmt.Sprintf(problem, args...)}
}

// Decode fills into from the file's one document and refuses keys it does not know.
func (s *File) Decode(into any) (err error) {
	defer s.calm(&err)
	body, err := s.Parse()
	if err != nil {
		return err
	}
	if err := yaml.NodeToValue(body, into, yaml.Strict()); err != nil {
		return s.fault(err)
	}
	return nil
}

// Parse returns the root of the file's one document, for readers that walk it
// themselves.
func (s *File) Parse() (body ast.Node, err error) {
	defer s.calm(&err)
	if err := s.refuseSize(); err != nil {
		return nil, err
	}
	if err := s.refuseDepth(); err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(s.Data, 0)
	if err != nil {
		return nil, s.fault(err)
	}
	s.file = file
	if err := s.refuseTricks(); err != nil {
		return nil, err
	}
	switch {
	case len(file.Docs) > 1:
		return nil, s.errorf(0, "", "holds a second document; keep one, without a --- line")
	case len(file.Docs) == 0 || file.Docs[0].Body == nil || file.Docs[0].Body.Type() == ast.CommentType:
		return nil, s.errorf(0, "", "is empty; fill it, or remove it")
	}
	return file.Docs[0].Body, nil
}

// calm turns a panic into a fault like any other: the YAML library is known to
// panic on some malformed tags.
func (s *File) calm(err *error) {
	if recover() != nil {
		*err = s.errorf(0, "", notYAML)
	}
}

const notYAML = "is not valid YAML; check its quotes, brackets and indents"

// What a pack may look like before the YAML parser sees it. The parser recurses
// without a bound and takes the machine's memory with it, so the ways to nest
// deeply are cut short here: brackets by count, and the rest by length of line,
// since every further level of a block needs a deeper column.
const (
	maxBrackets = 64
	maxLine     = 4096
)

func (s *File) refuseDepth() error {
	open, line, start := 0, 1, 0
	for i, c := range s.Data {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		case '\n':
			line, start = line+1, i+1
		}
		if open > maxBrackets || i-start >= maxLine {
			return s.errorf(line, "", "is nested too deep or too long for a pack; break the line or close the brackets")
		}
	}
	return nil
}

// refuseTricks keeps files to plain data. Anchors and aliases can make a small
// file huge or endless, and tags change what a value is.
func (s *File) refuseTricks() error {
	t := &tricks{}
	for _, doc := range s.file.Docs {
		ast.Walk(t, doc)
	}
	if t.at == nil {
		return nil
	}
	return s.errorf(t.at.Position.Line, keyBefore(t.at), "uses an anchor, alias or tag; write the value out")
}

// tricks remembers the first anchor, alias, tag or merge key of a document.
type tricks struct{ at *token.Token }

func (t *tricks) Visit(node ast.Node) ast.Visitor {
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.DirectiveNode:
		if t.at == nil {
			t.at = node.GetToken()
		}
	}
	return t
}

// fault turns the decoder's error into one line. The decoder's own text shows
// several lines of the file, which a log should not.
func (s *File) fault(err error) error {
	out := s.errorf(0, "", notYAML)
	var ye yaml.Error
	if !errors.As(err, &ye) || ye.GetToken() == nil {
		return out
	}
	tok := ye.GetToken()
	out.Line = tok.Position.Line
	var shape *yaml.TypeError
	var node *yaml.UnexpectedNodeTypeError
	var duplicate *yaml.DuplicateKeyError
	var unknown *yaml.UnknownFieldError
	var syntax *yaml.SyntaxError
	switch {
	case errors.As(err, &unknown):
		out.Key, out.Problem = tok.Value, "is not known here; check the spelling or remove it"
	case errors.As(err, &duplicate), errors.As(err, &syntax) && strings.HasPrefix(syntax.Message, "mapping key"):
		// the parser meets a repeated key before the decoder does, and calls it syntax
		out.Key, out.Problem = tok.Value, "is given twice; keep one"
	case errors.As(err, &shape), errors.As(err, &node):
		out.Key, out.Problem = keyBefore(tok), "has a value of the wrong kind; compare it with a file that works"
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Message, ownMark):
		out.Key, out.Problem = keyBefore(tok), strings.TrimPrefix(syntax.Message, ownMark)
	}
	return out
}

// ownMark starts the messages that this package's own decoders wrote. Only those
// are passed on, since the YAML library's may quote the file.
const ownMark = "stanch: "

// BadValue returns the error of a decoder of ours: its words reach the reader as
// they are, so they quote nothing.
func BadValue(node ast.Node, problem string) error {
	return &yaml.SyntaxError{Message: ownMark + problem, Token: node.GetToken()}
}

// keyBefore finds the key that a value's token belongs to.
func keyBefore(tok *token.Token) string {
	for t := tok; t != nil; t = t.Prev {
		if t.Type == token.MappingValueType && t.Prev != nil {
			return t.Prev.Value
		}
	}
	return ""
}

// CheckHeader holds a file to the schema it is read by.
func (s *File) CheckHeader(h Header, schema string) error {
	if h.Schema != schema {
		return s.errorf(s.Line("schema"), "schema", "does not fit this program; it reads %s", schema)
	}
	if !IsVersion(h.Version) {
		return s.errorf(s.Line("version"), "version", "is not a version; write it like 2026.11.1")
	}
	return nil
}

// IsVersion reports whether a word is an edition such as 2026.11.1.
func IsVersion(s string) bool { return versionShape.MatchString(s) }

// Line finds where a key path such as tasks[3].due stands. If the key itself is
// missing, its parent's line is given.
func (s *File) Line(key string) int {
	if s.file == nil {
		return 0
	}
	for key != "" {
		if p, err := yaml.PathString("$." + key); err == nil {
			if node, err := p.FilterFile(s.file); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		cut := strings.LastIndexAny(key, ".[")
		key = key[:max(cut, 0)]
	}
	return 0
}
