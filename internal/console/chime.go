package console

import (
	"bytes"
	"encoding/binary"
	"math"
)

// chime makes the sound of a new alarm: two soft tones, 0.6 seconds, as a WAV
// file of 16-bit samples at 22,050 Hz.
func chime() []byte {
	const rate, seconds = 22050, 0.6
	samples := make([]int16, int(rate*seconds))
	for i := range samples {
		t := float64(i) / rate
		v := tone(t, 0, 659.26) + tone(t, 0.18, 880)
		samples[i] = int16(9000 * v)
	}
	var b bytes.Buffer
	size := uint32(len(samples) * 2)
	b.WriteString("RIFF")
	for _, field := range []any{size + 36, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate * 2), uint16(2), uint16(16), []byte("data"), size, samples} {
		// A bytes.Buffer takes every write, and these are all of fixed size.
		_ = binary.Write(&b, binary.LittleEndian, field)
	}
	return b.Bytes()
}

// tone is a sine with one overtone that starts at a time, swells fast and
// fades.
func tone(t, start, hertz float64) float64 {
	t -= start
	if t < 0 {
		return 0
	}
	swell := math.Min(t/0.01, 1) * math.Exp(-7*t)
	return swell * (math.Sin(2*math.Pi*hertz*t) + 0.25*math.Sin(4*math.Pi*hertz*t)) / 1.25
}
