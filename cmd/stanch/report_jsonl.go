package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/stanch/stanch/internal/finding"
)

// reportJSONL writes a match a line, as the contract has it.
type reportJSONL struct{ w *bufio.Writer }

func newReportJSONL(w io.Writer) report { return &reportJSONL{bufio.NewWriterSize(w, 64<<10)} }

func (t *reportJSONL) begin() error { return nil }

func (t *reportJSONL) match(m *finding.Match) error {
	line, err := plainJSON(m)
	if err != nil {
		return err
	}
	_, err = t.w.Write(append(line, '\n'))
	return err
}

func (t *reportJSONL) end(*scanSummary) error { return t.w.Flush() }

// plainJSON is JSON that is safe to show: characters that a terminal would act
// on are escaped, and the meaning stays the same.
func plainJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	line := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if !bytes.ContainsFunc(line, unseen) {
		return line, nil
	}
	var out []byte
	for _, r := range string(line) {
		switch {
		case r == utf8.RuneError || !unseen(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out, nil
}
