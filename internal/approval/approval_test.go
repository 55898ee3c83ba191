package approval

import (
	"errors"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func agreed(person, hash string, ago time.Duration) Approval {
	return Approval{Hash: hash, Person: person, At: now.Add(-ago).UnixMicro(), Method: "password"}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name     string
		rules    Rules
		given    []Approval
		next     Approval
		presence time.Time
		want     error
	}{
		{"somebody else", Rules{Askers: []string{"a"}, Hash: "h"}, nil, agreed("b", "h", 0), now, nil},
		{"the requester", Rules{Askers: []string{"a"}, Hash: "h"}, nil, agreed("a", "h", 0), now, ErrOwnRequest},
		{"who drew it up, if somebody else requests it", Rules{Askers: []string{"a", "c"}, Hash: "h"}, nil, agreed("a", "h", 0), now, ErrOwnRequest},
		{"who requests what somebody else drew up", Rules{Askers: []string{"a", "c"}, Hash: "h"}, nil, agreed("c", "h", 0), now, ErrOwnRequest},
		{"the requester alone in the house", Rules{Askers: []string{"a"}, Hash: "h", OnePerson: true}, nil, agreed("a", "h", 0), now, nil},
		{"alone, presence not proved", Rules{Askers: []string{"a"}, Hash: "h", OnePerson: true}, nil, agreed("a", "h", 0), time.Time{}, ErrPresence},
		{"another hash", Rules{Askers: []string{"a"}, Hash: "h"}, nil, agreed("b", "g", 0), now, ErrHash},
		{"no hash at all", Rules{Askers: []string{"a"}}, nil, agreed("b", "", 0), now, ErrHash},
		{"twice", Rules{Askers: []string{"a"}, Hash: "h"}, []Approval{agreed("b", "h", time.Hour)}, agreed("b", "h", 0), now, ErrTwice},
		{"again after the plan changed", Rules{Askers: []string{"a"}, Hash: "h"}, []Approval{agreed("b", "g", time.Hour)}, agreed("b", "h", 0), now, nil},
		{"again after it ran out", Rules{Askers: []string{"a"}, Hash: "h"}, []Approval{agreed("b", "h", 25*time.Hour)}, agreed("b", "h", 0), now, nil},
		{"presence never proved", Rules{Askers: []string{"a"}, Hash: "h"}, nil, agreed("b", "h", 0), time.Time{}, ErrPresence},
		{"presence too old", Rules{Askers: []string{"a"}, Hash: "h"}, nil, agreed("b", "h", 0), now.Add(-PresenceFor - 1), ErrPresence},
		{"presence to come", Rules{Askers: []string{"a"}, Hash: "h"}, nil, agreed("b", "h", 0), now.Add(time.Second), ErrPresence},
		{"no method", Rules{Askers: []string{"a"}, Hash: "h"}, nil, Approval{Hash: "h", Person: "b"}, now, ErrPresence},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.rules.Check(tt.given, tt.next, tt.presence, now); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestEnough(t *testing.T) {
	b, c := agreed("b", "h", 0), agreed("c", "h", 0)
	tests := []struct {
		name  string
		rules Rules
		given []Approval
		want  bool
	}{
		{"none", Rules{Hash: "h", Targets: 1, TwoAbove: 10}, nil, false},
		{"one of one", Rules{Hash: "h", Targets: 10, TwoAbove: 10}, []Approval{b}, true},
		{"one of two, many targets", Rules{Hash: "h", Targets: 11, TwoAbove: 10}, []Approval{b}, false},
		{"two of two, many targets", Rules{Hash: "h", Targets: 11, TwoAbove: 10}, []Approval{b, c}, true},
		{"one of two, deletion", Rules{Hash: "h", Deletes: true}, []Approval{b}, false},
		{"the same twice", Rules{Hash: "h", Deletes: true}, []Approval{b, b}, false},
		{"the requester does not count", Rules{Askers: []string{"c"}, Hash: "h", Deletes: true}, []Approval{b, c}, false},
		{"for another hash", Rules{Hash: "g"}, []Approval{b}, false},
		{"ran out", Rules{Hash: "h"}, []Approval{agreed("b", "h", ValidFor+time.Second)}, false},
		{"one person, deletion", Rules{Askers: []string{"b"}, Hash: "h", Deletes: true, OnePerson: true}, []Approval{b}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.rules.Enough(tt.given, now); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
