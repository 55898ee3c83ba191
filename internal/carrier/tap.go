package carrier

import "github.com/stanch/stanch/scan"

// A flow is read three ways. The probe goes first: it knows by structure what
// bytes are, and covers what it has read. Behind it, by as much as it may look
// back, come the scanner, for numbers that stand as digits, and the fold, for
// numbers that text writes oddly; what is covered is not theirs to report. How
// the flow is cut into blocks must not change what any of them finds.
type readers struct {
	scanner *scan.Scanner
	fold    *fold
}

// Write gives a block to the readers behind the probe. It never fails.
func (r *readers) Write(block []byte) (int, error) {
	r.fold.write(block)
	return r.scanner.Write(block)
}
