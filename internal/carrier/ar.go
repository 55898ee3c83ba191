package carrier

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// arFile reads Unix archives, Debian packages among them, with the long names
// of GNU and BSD.
type arFile struct{}

func (arFile) Name() string { return "ar" }

func (arFile) Sniff(head []byte, _ string) bool { return magic{0, "!<arch>\n"}.in(head) }

// maxArNames bounds the table of long names.
const maxArNames = 1 << 20

// Walk visits the members in order.
func (arFile) Walk(p *Part, visit func(*Member) error) error {
	s := newSpool(p, 8)
	var names []byte
	for {
		var head [60]byte
		if _, err := io.ReadFull(s, head[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimRight(string(head[48:58]), " "), 10, 64)
		if err != nil || size < 0 || string(head[58:]) != "`\n" {
			return &CauseError{Broken}
		}
		name := strings.TrimRight(string(head[:16]), " ")
		switch {
		case name == "//":
			if size > maxArNames {
				return &CauseError{OverBudget}
			}
			names = make([]byte, size)
			if _, err := io.ReadFull(s, names); err != nil {
				return err
			}
		default:
			used := int64(0)
			if name, used, err = arName(s, name, names, size); err != nil {
				return err
			}
			if err := s.member(&Member{Name: name, Stored: size}, size-used, visit); err != nil {
				return err
			}
		}
		if err := s.skip(size & 1); err != nil && err != io.EOF {
			return err
		}
	}
}

// arName returns the member's name, and how much of its content that took.
func arName(r io.Reader, name string, names []byte, size int64) (string, int64, error) {
	if length, ok := strings.CutPrefix(name, "#1/"); ok {
		n, err := strconv.ParseInt(length, 10, 64)
		if err != nil || n < 0 || n > size || n > maxName {
			return "", 0, &CauseError{Broken}
		}
		long := make([]byte, n)
		_, err = io.ReadFull(r, long)
		return strings.TrimRight(string(long), "\x00"), n, err
	}
	if at, ok := strings.CutPrefix(name, "/"); ok && at != "" {
		n, err := strconv.Atoi(at)
		if err != nil || n < 0 || n >= len(names) {
			return name, 0, nil
		}
		long, _, _ := bytes.Cut(names[n:], []byte("\n"))
		return strings.TrimSuffix(string(long), "/"), 0, nil
	}
	return strings.TrimSuffix(name, "/"), 0, nil
}
