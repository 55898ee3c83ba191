package obligation

import (
	"cmp"
	"slices"
	"time"
)

// An Action is one act that answers the duties behind it. A duty of no group is an
// action by itself, with the duty's rule as its ID.
type Action struct {
	ID     string   `json:"id"`
	Title  Text     `json:"title"`
	Status Status   `json:"status"`  // applies if one of its duties does, else possible
	AtOnce bool     `json:"at_once"` // a duty that applies says at once, without a number
	Due    *Due     `json:"due"`     // the earliest time of a duty that applies, nil if none has one
	Shadow *Due     `json:"shadow"`  // the earliest clock that runs in case a duty applies, nil if none does
	Review bool     `json:"review"`  // a text behind it is not fully verified
	Untold []string `json:"untold"`  // rules whose time cannot be worked out: a clock or a contract's time is missing
	Rules  []string `json:"rules"`   // in the order of the answer
}

// Actions folds what applies or may apply into acts, the most urgent first: what
// applies before what may, and within each what is due at once or cannot be worked
// out, then by time. The house's own targets count for nothing here.
func (b *Rulebook) Actions(a *Answer) []Action {
	titles := map[string]Text{}
	for _, g := range b.Groups {
		titles[g.ID] = Text{ZH: g.ZH, EN: g.EN}
	}
	list, at := []Action{}, map[string]int{}
	for i := range a.Duties {
		d := &a.Duties[i]
		if d.Status == NotApplicable {
			continue
		}
		ids := d.Actions
		if len(ids) == 0 {
			ids = []string{d.Rule}
		}
		for _, id := range ids {
			if _, begun := at[id]; !begun {
				title, grouped := titles[id]
				if !grouped {
					title = d.Title
				}
				at[id] = len(list)
				list = append(list, Action{ID: id, Title: title, Status: Possible, Untold: []string{}, Rules: []string{}})
			}
			list[at[id]].take(d)
		}
	}
	slices.SortStableFunc(list, func(x, y Action) int {
		return cmp.Or(
			cmp.Compare(ranks[x.Status], ranks[y.Status]),
			cmp.Compare(x.rank(), y.rank()),
			x.first().Compare(y.first()),
			cmp.Compare(x.ID, y.ID),
		)
	})
	return list
}

// take puts a duty behind the action.
func (x *Action) take(d *Duty) {
	x.Rules = append(x.Rules, d.Rule)
	x.Review = x.Review || d.Gate != "ok"
	if d.Due.Word == NoClock || d.Due.Word == AskContract {
		x.Untold = append(x.Untold, d.Rule)
	}
	switch {
	case d.Status == Applies:
		x.Status = Applies
		x.AtOnce = x.AtOnce || d.Due.Word == Immediate
		x.Due = earlier(x.Due, d.Due)
	case d.Shadow:
		x.Shadow = earlier(x.Shadow, d.Due)
	}
}

// rank puts what cannot wait before what has a time, and that before the rest.
func (x *Action) rank() int {
	switch {
	case x.AtOnce || len(x.Untold) > 0:
		return 0
	case !x.first().IsZero():
		return 1
	}
	return 2
}

// first returns the time that the action is sorted by; a shadow clock counts only
// where nothing that applies has a time.
func (x *Action) first() time.Time {
	for _, due := range []*Due{x.Due, x.Shadow} {
		if due != nil {
			return due.At
		}
	}
	return time.Time{}
}

// earlier returns the earlier of two times; words are no times.
func earlier(have *Due, d Due) *Due {
	if d.Word != "" || have != nil && !d.At.Before(have.At) {
		return have
	}
	return &d
}

// A Question is a fact that nobody has answered and that duties hang on.
type Question struct {
	Fact   string   `json:"fact"`
	Shadow *Due     `json:"shadow"` // the earliest clock that hangs on it, nil if none runs
	Rules  []string `json:"rules"`
}

// Questions returns what could still decide a duty, in the order in which the
// answers matter to a clock: by the earliest shadow clock, then by how many duties
// hang on the answer.
func (a *Answer) Questions() []Question {
	list, at := []Question{}, map[string]int{}
	for i := range a.Duties {
		d := &a.Duties[i]
		if d.Status != Possible {
			continue
		}
		for _, fact := range d.Open {
			if _, begun := at[fact]; !begun {
				at[fact] = len(list)
				list = append(list, Question{Fact: fact})
			}
			q := &list[at[fact]]
			if slices.Contains(q.Rules, d.Rule) {
				continue
			}
			if q.Rules = append(q.Rules, d.Rule); d.Shadow {
				q.Shadow = earlier(q.Shadow, d.Due)
			}
		}
	}
	slices.SortStableFunc(list, func(x, y Question) int {
		switch {
		case x.Shadow != nil && y.Shadow == nil:
			return -1
		case x.Shadow == nil && y.Shadow != nil:
			return 1
		case x.Shadow != nil && !x.Shadow.At.Equal(y.Shadow.At):
			return x.Shadow.At.Compare(y.Shadow.At)
		}
		return cmp.Or(cmp.Compare(len(y.Rules), len(x.Rules)), cmp.Compare(x.Fact, y.Fact))
	})
	return list
}
