package card

import "testing"

// A wrong digit in the list would hide in it for years.
func TestPublishedNumbers(t *testing.T) {
	for _, p := range published {
		pan := []byte(p.head + p.tail)
		if !Luhn(pan) || BrandOf(pan) == "" || len(p.head) != 8 {
			t.Errorf("%s…%s: luhn %v, brand %q", p.head, p.tail[len(p.tail)-2:], Luhn(pan), BrandOf(pan))
		}
	}
}
