package main

import "testing"

func TestDutyWordsAreInBothLanguages(t *testing.T) {
	for key, text := range dutyWords {
		if part, problem := text.Fault(); part != "" {
			t.Errorf("%s.%s %s", key, part, problem)
		}
	}
}
