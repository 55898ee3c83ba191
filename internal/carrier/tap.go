package carrier

// A tap listens to the bytes of a flow beside the scanner, for what is
// written in them in another form. It emits by [examination.found], or by
// giving what it took off to [examination.part].
type tap interface {
	// write takes the next block and keeps nothing of it. How the flow is cut
	// into blocks must not change what is found. An error ends the flow.
	write(block []byte) error
	// close ends the flow and emits what was held back.
	close() error
}

// taps returns what listens to a flow.
func (x *examination) taps(f *flow) []tap {
	return []tap{x.probe(f)}
}

// listen gives a block to each tap.
func listen(taps []tap, block []byte) error {
	for _, t := range taps {
		if err := t.write(block); err != nil {
			return err
		}
	}
	return nil
}

// endTaps closes each tap and returns the first error.
func endTaps(taps []tap) error {
	var first error
	for _, t := range taps {
		if err := t.close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
