package packs

import (
	"bytes"
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

// source is one file's bytes and name, kept until the checks are over so that a
// fault can be shown with its line.
type source struct {
	name string
	data []byte
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
func (s *source) decode(into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(s.data), yaml.Strict())
	switch err := dec.Decode(into); {
	case errors.Is(err, io.EOF):
		return &FileError{File: s.name, Problem: "is empty; remove it or copy the embedded file"}
	case err != nil:
		return s.fault(err)
	}
	var more any
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return &FileError{File: s.name, Problem: "holds a second document; keep one, without a --- line"}
	}
	return nil
}

// fault turns the decoder's error into one line. The decoder's own text shows
// several lines of the file, which a log should not.
func (s *source) fault(err error) error {
	out := &FileError{File: s.name, Problem: "is not valid YAML; compare it with the embedded file"}
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
	case errors.As(err, &duplicate):
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
	file, err := parser.ParseBytes(s.data, 0)
	if err != nil {
		return 0
	}
	for key != "" {
		if p, err := yaml.PathString("$." + key); err == nil {
			if node, err := p.FilterFile(file); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		cut := strings.LastIndexAny(key, ".[")
		key = key[:max(cut, 0)]
	}
	return 0
}
