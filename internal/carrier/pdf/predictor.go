package pdf

import "io"

// maxLine is how long a predicted row may be.
const maxLine = 1 << 20

// predicted undoes the predictor that packed data may have gone through.
func (f *file) predicted(r io.Reader, param *object) (io.Reader, error) {
	kind := f.resolve(param.get("Predictor")).integer()
	if kind < 2 {
		return r, nil
	}
	number := func(key string, or int) int {
		if n := f.resolve(param.get(key)).integer(); n > 0 {
			return n
		}
		return or
	}
	colors, bits, columns := number("Colors", 1), number("BitsPerComponent", 8), number("Columns", 1)
	if colors > 64 || bits > 32 || columns > maxLine*8 {
		return nil, ErrTooLarge
	}
	length := (colors*bits*columns + 7) / 8
	if length > maxLine {
		return nil, ErrTooLarge
	}
	return &predictor{r: r, png: kind >= 10, bits: bits, pixel: max(1, colors*bits/8), line: make([]byte, length), above: make([]byte, length)}, nil
}

type predictor struct {
	r     io.Reader
	png   bool
	bits  int
	pixel int
	line  []byte
	above []byte
	have  []byte
	err   error
}

func (p *predictor) Read(b []byte) (int, error) {
	for len(p.have) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		p.next()
	}
	n := copy(b, p.have)
	p.have = p.have[n:]
	return n, nil
}

// next decodes a row; a last one that is cut short counts.
func (p *predictor) next() {
	p.line, p.above = p.above, p.line
	var tag [1]byte
	if p.png {
		if _, p.err = io.ReadFull(p.r, tag[:]); p.err != nil {
			return
		}
	}
	n, err := io.ReadFull(p.r, p.line)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	p.err = err
	p.have = p.line[:n]
	switch {
	case p.png:
		p.undo(tag[0])
	case p.bits == 8:
		for i := p.pixel; i < n; i++ {
			p.line[i] += p.line[i-p.pixel]
		}
	}
}

// undo adds what a row of PNG was made less by.
func (p *predictor) undo(filter byte) {
	line := p.have
	for i := range line {
		var left, corner byte
		if i >= p.pixel {
			left, corner = line[i-p.pixel], p.above[i-p.pixel]
		}
		up := p.above[i]
		switch filter {
		case 1:
			line[i] += left
		case 2:
			line[i] += up
		case 3:
			line[i] += byte((int(left) + int(up)) / 2)
		case 4:
			line[i] += paeth(left, up, corner)
		}
	}
}

func paeth(left, up, corner byte) byte {
	estimate := int(left) + int(up) - int(corner)
	toLeft, toUp, toCorner := distance(estimate, left), distance(estimate, up), distance(estimate, corner)
	switch {
	case toLeft <= toUp && toLeft <= toCorner:
		return left
	case toUp <= toCorner:
		return up
	}
	return corner
}

func distance(a int, b byte) int { return max(a-int(b), int(b)-a) }
