package packs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A FileError says what is wrong in a pack file, where, and what to do. It names
// the key and never quotes the value.
type FileError struct {
	File    string
	Line    int    // 1-based; 0 if the fault has no line
	Key     string // as in tasks[3].due; empty if the fault has no key
	Problem string
}

func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString("read pack " + e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ": line %d", e.Line)
	}
	if e.Key != "" {
		fmt.Fprintf(&b, ": key %s", e.Key)
	}
	return b.String() + ": " + e.Problem
}

// source is one file as read and as parsed, kept until the checks are over so
// that a fault can be shown with its line.
type source struct {
	name string
	data []byte
	file *ast.File
}

var versionShape = regexp.MustCompile(`^\d{4}\.\d{1,2}\.\d+(-[a-z0-9.]+)?$`)

func readLimited(from fs.FS, name string) ([]byte, error) {
	f, err := from.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open pack %s: %w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("open pack %s: %w", name, err)
	}
	if len(data) > maxFile {
		return nil, &FileError{File: name, Problem: fmt.Sprintf("is larger than %d bytes; cut it down", maxFile)}
	}
	return data, nil
}

// decode fills into from the file's one document and refuses keys it does not know.
//
// The YAML library is known to panic on some malformed tags. A pack is read once,
// at start, so a panic over one is turned into a fault like any other.
func (s *source) decode(into any) (err error) {
	defer func() {
		if recover() != nil {
			err = &FileError{File: s.name, Problem: notYAML}
		}
	}()
	if err := s.refuseDepth(); err != nil {
		return err
	}
	file, err := parser.ParseBytes(s.data, 0)
	if err != nil {
		return s.fault(err)
	}
	s.file = file
	if err := s.refuseTricks(); err != nil {
		return err
	}
	switch {
	case len(file.Docs) > 1:
		return &FileError{File: s.name, Problem: "holds a second document; keep one, without a --- line"}
	case len(file.Docs) == 0 || file.Docs[0].Body == nil || file.Docs[0].Body.Type() == ast.CommentType:
		return &FileError{File: s.name, Problem: "is empty; remove it or copy the embedded file"}
	}
	if err := yaml.NodeToValue(file.Docs[0].Body, into, yaml.Strict()); err != nil {
		return s.fault(err)
	}
	return nil
}

const notYAML = "is not valid YAML; compare it with the embedded file"

// What a pack may look like before the YAML parser sees it. The parser recurses
// without a bound and takes the machine's memory with it, so the ways to nest
// deeply are cut short here: brackets by count, and the rest by length of line,
// since every further level of a block needs a deeper column.
const (
	maxBrackets = 64
	maxLine     = 4096
)

func (s *source) refuseDepth() error {
	open, line, start := 0, 1, 0
	for i, c := range s.data {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		case '\n':
			line, start = line+1, i+1
		}
		if open > maxBrackets || i-start >= maxLine {
			return &FileError{File: s.name, Line: line, Problem: "is nested too deep or too long for a pack; break the line or close the brackets"}
		}
	}
	return nil
}

// refuseTricks keeps packs to plain data. Anchors and aliases can make a small
// file huge or endless, and tags change what a value is.
func (s *source) refuseTricks() error {
	t := &tricks{}
	for _, doc := range s.file.Docs {
		ast.Walk(t, doc)
	}
	if t.at == nil {
		return nil
	}
	return &FileError{File: s.name, Line: t.at.Position.Line, Key: keyBefore(t.at),
		Problem: "uses an anchor, alias or tag; write the value out"}
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
func (s *source) fault(err error) error {
	out := &FileError{File: s.name, Problem: notYAML}
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
		out.Key, out.Problem = keyBefore(tok), "has a value of the wrong kind; compare it with the embedded file"
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Message, ownMark):
		out.Key, out.Problem = keyBefore(tok), strings.TrimPrefix(syntax.Message, ownMark)
	}
	return out
}

// ownMark starts the messages that this package's own decoders wrote. Only those
// are passed on, since the YAML library's may quote the file.
const ownMark = "packs: "

func badValue(node ast.Node, problem string) error {
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

func (s *source) checkHeader(h Header, schema string) error {
	if h.Schema != schema {
		return &FileError{File: s.name, Line: s.line("schema"), Key: "schema", Problem: "does not fit this program; it reads " + schema}
	}
	if !versionShape.MatchString(h.Version) {
		return &FileError{File: s.name, Line: s.line("version"), Key: "version", Problem: "is not a version; write it like 2026.11.1"}
	}
	return nil
}

// line finds where a key path such as tasks[3].due stands. If the key itself is
// missing, its parent's line is given.
func (s *source) line(key string) int {
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
