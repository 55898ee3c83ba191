package console

import (
	"net/http"

	"github.com/stanch/stanch/internal/estate"
)

// A WelcomeHouse asks who you are.
type WelcomeHouse struct {
	Frame
	House    estate.Settings
	Zones    []string
	Kinds    []string
	Country  []string
	Channels []Channel
	Tested   *Channel
}

// A WelcomeReady offers what to do first.
type WelcomeReady struct {
	Frame
	Roots  []Root
	Demo   bool
	Report string // of the drill, if it was run
	Passed bool
	Ran    bool
}

var (
	houseKinds = []string{"shop", "chain", "operator"}
	countries  = []string{"CN", "HK", "MO", "TW", "SG", "MY", "TH", "JP", "KR", "AU", "NZ", "GB", "DE", "FR", "ES", "IT", "NL", "US", "CA", "ZZ"}
	zones      = []string{
		"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Tokyo", "Asia/Seoul", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Manila",
		"Asia/Yangon", "Asia/Dhaka", "Asia/Kolkata", "Asia/Colombo", "Asia/Kathmandu", "Asia/Karachi", "Asia/Tashkent", "Asia/Almaty", "Asia/Kabul", "Asia/Dubai", "Asia/Riyadh", "Asia/Tehran", "Asia/Baghdad", "Asia/Jerusalem", "Asia/Ulaanbaatar", "Asia/Vladivostok", "Asia/Novosibirsk", "Asia/Yekaterinburg",
		"Australia/Perth", "Australia/Darwin", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Australia/Hobart", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Fiji", "Pacific/Port_Moresby", "Pacific/Guam", "Pacific/Apia", "Pacific/Tongatapu", "Pacific/Honolulu",
		"Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Madrid", "Europe/Paris", "Europe/Brussels", "Europe/Amsterdam", "Europe/Berlin", "Europe/Zurich", "Europe/Vienna", "Europe/Rome", "Europe/Stockholm", "Europe/Oslo", "Europe/Copenhagen", "Europe/Helsinki", "Europe/Warsaw", "Europe/Prague", "Europe/Budapest", "Europe/Athens", "Europe/Bucharest", "Europe/Sofia", "Europe/Kyiv", "Europe/Istanbul", "Europe/Moscow",
		"Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Atlantic/Reykjavik", "Atlantic/Azores",
		"America/St_Johns", "America/Halifax", "America/New_York", "America/Toronto", "America/Chicago", "America/Winnipeg", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Vancouver", "America/Anchorage", "America/Mexico_City", "America/Bogota", "America/Lima", "America/Caracas", "America/Santiago", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "UTC",
	}
	alarmKinds = []string{"dingtalk", "wecom", "webhook"}
)

func welcomeHousePage(v *visit) error {
	return v.welcomeHouseForm(v.house.Settings, nil, "", http.StatusOK)
}

func (v *visit) welcomeHouseForm(h estate.Settings, tested *Channel, problem string, status int) error {
	channels, err := v.channels()
	if err != nil {
		return err
	}
	if h.Zone == "" || v.house.Name == "" && problem == "" && tested == nil {
		h.Zone, h.Country = "Asia/Shanghai", "CN"
		if v.tongue.lang != "zh" {
			h.Zone, h.Country = "UTC", "ZZ"
		}
	}
	page := &WelcomeHouse{House: h, Zones: zones, Kinds: houseKinds, Country: countries, Channels: channels, Tested: tested}
	page.Frame = Frame{Title: v.tongue.say("welcome.house.title"), Bare: true, Problem: problem}
	return v.render("welcome_house", status, page)
}

// readForm reads the house as typed.
func (v *visit) readForm() (estate.Settings, error) {
	h := v.house.Settings
	h.Name, h.Kind, h.Country, h.Zone = v.form("name"), estate.HouseKind(known(houseKinds, v.form("kind"))), known(countries, v.form("country")), known(zones, v.form("zone"))
	h.OnePerson, h.Acquirer, h.AcquirerPhone = v.form("one_person") == "yes", v.form("acquirer"), v.form("acquirer_phone")
	if h.Lang == "" {
		h.Lang = v.tongue.lang
	}
	if h.Kind == "" || h.Country == "" || h.Zone == "" || h.Name == "" {
		return h, errField
	}
	return h, nil
}

func welcomeHouse(v *visit) error {
	h, tested, err := v.settleHouse()
	switch {
	case err == nil && tested == nil:
		return v.onward("/welcome/sheet", "")
	case err == nil:
		return v.welcomeHouseForm(h, tested, "", http.StatusOK)
	}
	if sentence, status, ok := v.problem(err); ok {
		return v.welcomeHouseForm(h, nil, sentence, status)
	}
	return err
}

// settleHouse keeps what was typed: the house, then the channel, if one was
// typed. A test alarm goes out if the form asks for it; a webhook's new key is
// shown with the result.
func (v *visit) settleHouse() (h estate.Settings, tested *Channel, err error) {
	if h, err = v.readForm(); err != nil {
		return h, nil, err
	}
	if err := v.c.Registrar.Describe(v.ctx(), v.actor(), h); err != nil {
		return h, nil, err
	}
	var id estate.ChannelID
	var key string
	if v.form("alarm_url") != "" {
		if id, key, err = v.addChannel(); err != nil {
			return h, nil, err
		}
	}
	if v.form("do") != "test" && key == "" {
		return h, nil, nil
	}
	if id == "" {
		if id, err = v.lastChannel(); err != nil {
			return h, nil, err
		}
	}
	if tested, err = v.test(id); err == nil {
		tested.Key = key
	}
	return h, tested, err
}

func (v *visit) lastChannel() (estate.ChannelID, error) {
	channels := v.c.readHouse(v.ctx()).Channels
	if len(channels) == 0 {
		return "", errField
	}
	return channels[len(channels)-1].ID, nil
}

func welcomeReady(v *visit) error { return v.ready(&WelcomeReady{}, http.StatusOK) }

func (v *visit) ready(page *WelcomeReady, status int) error {
	page.Roots, page.Demo = v.c.Watch.Roots(), v.c.Machine.Demonstration()
	page.Title, page.Bare = v.tongue.say("welcome.ready.title"), true
	return v.render("welcome_ready", status, page)
}

func welcomeDrill(v *visit) error {
	report, passed, err := v.c.Machine.Drill(v.ctx())
	if err != nil {
		return err
	}
	return v.ready(&WelcomeReady{Report: report, Passed: passed, Ran: true}, http.StatusOK)
}

func welcomeWatch(v *visit) error {
	err := v.c.Watch.Add(v.ctx(), v.actor(), v.form("path"))
	if err == nil {
		return v.onward("/", "watching")
	}
	if sentence, status, ok := v.problem(err); ok {
		page := &WelcomeReady{}
		page.Problem = sentence
		return v.ready(page, status)
	}
	return err
}
