package carrier

import (
	"bytes"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/scan"
)

// maxName bounds how much of a member's name is shown in a path.
const maxName = 1024

// container walks the members of p.
func (x *examination) container(at place, p *Part, d Container) error {
	if x.options.Apart != nil {
		return x.apart(at, p)
	}
	if _, random := d.(interface{ randomAccess() }); random && p.At == nil {
		held, err := x.hold(p)
		if err != nil {
			return x.close(at, p.Size, err)
		}
		defer func() { x.meter.buffered -= held }()
	}
	p.Room = x.meter.budget.Buffer - x.meter.buffered
	p.meter = &x.meter
	stopped := false
	err := d.Walk(p, func(m *Member) error {
		err := x.member(at, m)
		stopped = err != nil
		return err
	})
	switch {
	case stopped:
		if closed := x.close(at, -1, err); closed != nil {
			return closed
		}
		return err
	case err == nil && x.meter.fault == "":
		x.report.examined(at.depth, x.sizeOf(at, p))
		return nil
	}
	if p.At != nil && p.Size >= 0 && x.meter.cause(err) == Broken {
		// What is damaged may still hold text that lies open.
		if _, scanned := x.text(at, sectionOf(p), scan.Position{}, true); scanned != nil {
			err = scanned
		}
	}
	return x.close(at, p.Size, err)
}

// apart has a container examined elsewhere and takes over what was found.
func (x *examination) apart(at place, p *Part) error {
	if p.At == nil || p.Size < 0 {
		held, err := x.hold(p)
		if err != nil {
			return x.close(at, p.Size, err)
		}
		defer func() { x.meter.buffered -= held }()
	}
	budget := x.meter.budget
	budget.Depth = max(1, budget.Depth-at.depth)
	report, err := x.options.Apart(x.meter.ctx, Input{R: p.At, Size: p.Size}, budget, func(m *Match) { x.relay(at, m) })
	if at.guess && report.Found == 1 && report.Causes[Broken] == 1 {
		return err
	}
	for i := range report.Unexamined {
		report.Unexamined[i].Path = at.path + report.Unexamined[i].Path
	}
	x.report.addAt(report, at.depth)
	return err
}

// relay passes on a match that was found apart, under the place where the
// container stands.
func (x *examination) relay(at place, m *Match) {
	if m.Path == "" {
		m.Encoding = append(slices.Clip(at.chain), m.Encoding...)
		if r := at.run; r != nil {
			m.Offset, m.Length, m.Line, m.Column = r.offset, r.length, r.line, r.column
		}
	}
	m.Path = at.path + m.Path
	x.emit(m)
}

// sectionOf reads an open part again from its start.
func sectionOf(p *Part) io.Reader {
	size := p.Size
	if size < 0 {
		size = 1<<63 - 1
	}
	return io.NewSectionReader(p.At, 0, size)
}

// hold reads p into memory, because its decoder must jump about in it.
func (x *examination) hold(p *Part) (int64, error) {
	room := x.meter.budget.Buffer - x.meter.buffered
	var held bytes.Buffer
	n, err := io.Copy(&held, io.LimitReader(p.R, room+1))
	if err != nil {
		return 0, err
	}
	if n > room {
		return 0, &CauseError{OverBudget}
	}
	x.meter.buffered += n
	p.At, p.Size, p.R = bytes.NewReader(held.Bytes()), n, bytes.NewReader(held.Bytes())
	return n, nil
}

// member examines one member: its name, its labels, and what is in it.
func (x *examination) member(parent place, m *Member) error {
	at := place{path: parent.path, name: m.Name, depth: parent.depth + 1}
	if m.Wrapped != "" {
		at.chain = append(slices.Clip(parent.chain), m.Wrapped)
		at.run = parent.run
		x.label(at.path, m.Name, "name")
		at.name = strings.TrimSuffix(parent.name, path.Ext(parent.name))
	} else {
		at.path = parent.path + "!" + clip(card.MaskText(m.Name))
		x.folders(at.path, m.Name)
	}
	for _, label := range m.Labels {
		x.label(at.path, label, "comment")
	}
	if m.Dir {
		return nil
	}
	if x.meter.members++; x.meter.spent() {
		return x.close(at, m.Stored, &CauseError{OverBudget})
	}
	if m.Refused != "" {
		x.refuse(at, m.Refused, m.Stored)
		return nil
	}
	r, err := m.Open()
	if err != nil {
		return x.close(at, m.Stored, err)
	}
	if m.Text {
		at.name, at.rendered = "", true
	}
	if m.At != nil {
		r = io.NewSectionReader(m.At, 0, m.Size)
	}
	u := &unpacking{r: r, m: &x.meter}
	p := &Part{Name: at.name, R: u, At: m.At, Size: m.Size, unpacked: u}
	if m.Plain {
		return x.plain(at, p, false)
	}
	return x.part(at, p)
}

// clip bounds a name for show.
func clip(name string) string {
	if len(name) <= maxName {
		return name
	}
	return name[:maxName] + "…"
}

// folders scans each element of a member's path once.
func (x *examination) folders(where, name string) {
	elements := strings.Split(name, "/")
	for i, element := range elements {
		if i == len(elements)-1 {
			x.label(where, element, "name")
			return
		}
		prefix := strings.Join(elements[:i+1], "/")
		if !card.HoldsPAN(element) || x.named[prefix] || len(x.named) >= maxUnexamined {
			continue
		}
		x.named[prefix] = true
		x.label(where, element, "name")
	}
}

// label scans a name or a comment. Its place is the path itself, so offsets
// count within the string.
func (x *examination) label(where, text, encoding string) {
	if text == "" {
		return
	}
	o := x.options.Scan
	o.Start = scan.Position{}
	s := scan.New(o, func(m *scan.Match) {
		found := Match{Match: *m, Path: where, Encoding: []string{encoding}}
		found.Line, found.Column = 0, 0
		x.emit(&found)
	})
	io.WriteString(s, text)
	s.Close()
}
