package casefile

import (
	"slices"
	"time"

	"github.com/stanch/stanch/ledger"
)

func foldJoined(c *Case, e ledger.Entry) error {
	var b Joined
	err := e.Decode(&b)
	c.Findings++
	c.Severity = max(c.Severity, b.Severity)
	c.Contained, c.RescanClean = 0, 0
	c.addSource("watch")
	return err
}

func (c *Case) addSource(source string) {
	if !slices.Contains(c.Source, source) {
		c.Source = append(c.Source, source)
	}
}

func foldSign(c *Case, e ledger.Entry) error {
	var b SignReported
	err := e.Decode(&b)
	b.Sign.At, b.Sign.By, b.Sign.Entry = e.At.UnixMicro(), e.Actor, e.Index
	c.Signs = append(c.Signs, b.Sign)
	c.addSource("sign")
	return err
}

func foldMoved(c *Case, e ledger.Entry) error {
	var b Moved
	if err := e.Decode(&b); err != nil {
		return err
	}
	c.Reason, c.State = b.Reason, b.To
	switch at := e.At.UnixMicro(); b.To {
	case Confirmed:
		if c.Confirmed == 0 {
			c.Confirmed = at
		}
		c.Closed = 0
	case Closed, RuledOut:
		c.Closed = at
	}
	return nil
}

func foldNoted(c *Case, e ledger.Entry) error {
	var b Noted
	err := e.Decode(&b)
	c.Notes = append(c.Notes, Note{ID: b.ID, Text: b.Text, By: e.Actor, At: e.At.UnixMicro(), Happened: stamp(e.Happened), Entry: e.Index, Box: b.Box})
	return err
}

func foldMarked(c *Case, e ledger.Entry) error {
	var b Marked
	if err := e.Decode(&b); err != nil {
		return err
	}
	marks, ok := map[string]*map[string]Mark{"task": &c.Tasks, "stage": &c.Stages, "gate": &c.Gates}[b.What]
	if !ok {
		return ErrOrder
	}
	if *marks == nil {
		*marks = map[string]Mark{}
	}
	mark := (*marks)[b.Item]
	mark.State, mark.By, mark.At, mark.Happened, mark.Reason = b.State, e.Actor, e.At.UnixMicro(), stamp(e.Happened), b.Reason
	if b.Owner != "" {
		mark.Owner = b.Owner
	}
	mark.Evidence = b.Evidence
	(*marks)[b.Item] = mark
	return nil
}

func foldCause(c *Case, e ledger.Entry) error {
	var b CauseNamed
	err := e.Decode(&b)
	c.Cause = b.Cause
	return err
}

func foldExposed(c *Case, e ledger.Entry) error {
	var b Exposed
	err := e.Decode(&b)
	c.Exposure = b.Exposure
	c.Severity = max(c.Severity, b.Exposure.Severity)
	c.FirstLeak, c.LastLeak = b.Exposure.First, b.Exposure.Last
	return err
}

func foldContained(c *Case, e ledger.Entry) error {
	var b Contained
	err := e.Decode(&b)
	c.Leaking = b.Leaking
	switch {
	case b.Leaking:
		c.Contained, c.RescanClean = 0, 0
	case c.Contained == 0:
		c.Contained = e.At.UnixMicro()
	}
	if b.Clean {
		c.RescanClean = e.At.UnixMicro()
	}
	return err
}

// foldErased drops the notes and signs whose payloads were erased. Replay
// never sees them, so it gives the same case.
func foldErased(c *Case, e ledger.Entry) error {
	var b ledger.Erased
	err := e.Decode(&b)
	c.Notes = slices.DeleteFunc(c.Notes, func(n Note) bool { return slices.Contains(b.Items, n.ID) })
	c.Signs = slices.DeleteFunc(c.Signs, func(s Sign) bool { return slices.Contains(b.Items, s.ID) })
	return err
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
