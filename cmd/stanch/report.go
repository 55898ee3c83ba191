package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/finding"
)

// A report writes what a scan found in one form. Its calls come in order:
// begin, match for each, end.
type report interface {
	begin() error
	match(m *finding.Match) error
	end(s *scanSummary) error
}

func newReport(format string, w io.Writer, explain bool) report {
	switch format {
	case "jsonl":
		return newReportJSONL(w)
	case "sarif":
		return newReportSARIF(w, newPseudonyms())
	case "csv":
		return newReportCSV(w, newPseudonyms())
	case "html":
		return newReportHTML(w, newPseudonyms())
	case "ocsf":
		return newReportOCSF(w, newPseudonyms())
	}
	return newReportText(w, explain)
}

// pseudonyms stand in for tokens in what leaves for others: the same card has
// the same one within a report, and another in the next (PCI DSS 3.5.1).
type pseudonyms struct{ key []byte }

func newPseudonyms() pseudonyms {
	key := make([]byte, sha256.Size)
	rand.Read(key)
	return pseudonyms{key}
}

func (p pseudonyms) of(t card.Token) string {
	if t == "" {
		return ""
	}
	mac := hmac.New(sha256.New, p.key)
	io.WriteString(mac, string(t))
	return "p-" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:10]))
}

// ofPlace names a class of data at a place, as long as the report is read.
func (p pseudonyms) ofPlace(path, class string) string {
	mac := hmac.New(sha256.New, p.key)
	io.WriteString(mac, path+"\x00"+class)
	return "f-" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)[:10]))
}

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// printable returns s with everything escaped that could move the cursor,
// change the direction of reading, or hide: names are written by strangers.
func printable(s string) string {
	if !strings.ContainsFunc(s, unseen) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteRune(r)
		case r == utf8.RuneError:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unseen(r):
			fmt.Fprintf(&b, `\u{%04x}`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unseen reports whether r must not reach a terminal or a page as it is.
func unseen(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// advice is a cause with what to do about it.
func advice(c carrier.Cause) string {
	switch c {
	case carrier.Encrypted:
		return "encrypted; decrypt it and scan again"
	case carrier.Broken:
		return "broken; what could be read was scanned"
	case carrier.OverBudget:
		return "over_budget; it unpacks to more than is allowed, so unpack it apart and scan that"
	case carrier.UnknownCompression:
		return "unknown_compression; unpack it and scan again"
	case carrier.Picture:
		return "picture; look at it"
	case carrier.Unreadable:
		return "unreadable; check its permissions and the disk"
	case carrier.Vanished:
		return "vanished; there is no such file any more"
	case carrier.Shrank:
		return "shrank; it lost bytes while being read, so scan again"
	case carrier.Special:
		return "special; a pipe, socket or device was skipped"
	case carrier.WorkerDied:
		return "worker_died; it brought down its parser"
	case carrier.Timeout:
		return "timeout; it took too long"
	case carrier.Memory:
		return "memory; it needed too much"
	}
	return string(c)
}

// causeCounts lists the causes of a report with their counts.
func causeCounts(r carrier.Report) string {
	var parts []string
	for cause, n := range r.Causes {
		parts = append(parts, fmt.Sprintf("%s %d", cause, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
