package pdf

// A matrix maps x, y to a*x+c*y+e, b*x+d*y+f.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times returns the matrix that applies m first and then n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// moved returns the matrix that moves by x, y first and then applies m.
func (m matrix) moved(x, y float64) matrix { return matrix{1, 0, 0, 1, x, y}.times(m) }

// matrixOf reads six numbers; anything else is the identity.
func matrixOf(o []object) matrix {
	if len(o) < 6 {
		return identity
	}
	var m matrix
	for i := range m {
		m[i] = o[i].num
	}
	return m
}
