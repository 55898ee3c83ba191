package carrier

import "github.com/stanch/stanch/scan"

// A reader looks at a flow block by block. How the flow is cut into blocks
// must not change what it finds. Close looks at the rest; the scanner behind
// it is its owner's to close.
type reader interface {
	write(block []byte) error
	close() error
}

// A plainReader reads a flow for numbers that stand as digits, and no more.
type plainReader struct{ scanner *scan.Scanner }

func (r plainReader) write(block []byte) error {
	_, err := r.scanner.Write(block)
	return err
}

func (plainReader) close() error { return nil }

// Readers read a flow three ways. The probe goes first: it knows by structure
// what bytes are, and covers what it has read. Behind it, by as much as it may
// look back, come the scanner, for numbers that stand as digits, and the fold,
// for numbers that text writes oddly; what is covered is not theirs to report.
type readers struct {
	probe  *probe
	behind lag
	fold   *fold
}

func (x *examination) readers(f *flow, s *scan.Scanner) *readers {
	r := &readers{probe: x.probe(f), fold: x.newFold(f)}
	r.behind.to = both{r.fold, s}
	return r
}

func (r *readers) write(block []byte) error {
	err := r.probe.write(block)
	r.behind.write(block)
	return err
}

func (r *readers) close() error {
	err := r.probe.close()
	r.behind.close()
	r.fold.close()
	return err
}

// Both are the readers behind the probe.
type both struct {
	fold    *fold
	scanner *scan.Scanner
}

// Write gives them a block. It never fails.
func (b both) Write(block []byte) (int, error) {
	b.fold.write(block)
	return b.scanner.Write(block)
}
