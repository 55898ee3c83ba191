package console

// HelpPage says what to do, in a page.
type HelpPage struct {
	Frame
	Acquirer string
	Phone    string
	China    bool // the numbers of China are shown
}

func help(v *visit) error {
	page := &HelpPage{Acquirer: v.house.Acquirer, Phone: v.house.AcquirerPhone, China: v.inChina()}
	page.Frame = Frame{Title: v.tongue.say("help.title"), Nav: "help"}
	return v.show("help", page)
}
