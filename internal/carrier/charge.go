package carrier

import "io"

// metered charges the budget for what a decoder unpacks to make text of it.
func (p *Part) metered(r io.Reader) io.Reader {
	if p.meter == nil {
		return r
	}
	return &unpacking{r: r, m: p.meter}
}

// spent returns why nothing more may be unpacked, nil if more may be.
func (p *Part) spent() error {
	if p.meter == nil {
		return nil
	}
	return p.meter.spend(0)
}

// room returns how much a decoder may hold in memory, at most n.
func (p *Part) room(n int64) int64 {
	if p.meter == nil {
		return n
	}
	return max(0, min(n, p.meter.budget.Buffer-p.meter.buffered))
}

// hold notes that a decoder holds n bytes more in memory; n is negative when
// it lets go of them.
func (p *Part) hold(n int64) {
	if p.meter != nil {
		p.meter.buffered += n
	}
}
