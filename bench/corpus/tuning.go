package corpus

// tuning is how the family writes on which rules are made.
var tuning = style{
	salt:    0x7475_6e69_6e67,
	clock:   "2006-01-02 15:04:05.000",
	from:    1_788_000_000,
	stems:   words("payments orders checkout gateway till"),
	holders: lines("John Doe\nMary Major\nRichard Roe\nJane Stiles\nJoe Public"),
	records: lines(`
~ts~ INFO  payment accepted card=~pan~ amount=~amt~ ref=~id~
~ts~ DEBUG charge: card number ~pan~, expires ~exp~
order ~id~: ~name~ paid ~amt~ with ~pan~
卡号：~pan~ 金额：~amt~ 元
Card Number: ~pan~
~ts~ WARN  retry ~id~ for cardNumber: ~pan~ (timeout)
refund to card ~pan~ for ~name~ on ~day~
customer wrote: please charge ~pan~ instead, thanks`),
	noise: lines(`
~ts~ INFO  session ~hex~ opened from ~ip~
~ts~ DEBUG cache: ~id~ entries, ~cents~ bytes
order ~id~: ~name~ paid ~amt~ in cash
~ts~ WARN  slow query took ~id~ ms
-- end of batch ~n~ --`),
	heads: map[string]string{
		"csv":        "id,date,holder,card_number,expiry,amount",
		"csv_quoted": `"Order","Name","Card","Total"`,
		"cvv_csv":    "card_number,exp,cvv,holder",
		"resident":   "name,id_card,city",
	},
	forms: map[string][]string{
		"plain": lines(`
~ts~ INFO  payment accepted card=~pan~ amount=~amt~ ref=~id~
card number ~pan~, expires ~exp~
~pan~
order ~id~: ~name~ paid ~amt~ with ~pan~
卡号：~pan~ 金额：~amt~ 元
~id~;~pan~;~amt~
Please use ~pan~ for the deposit.
~ts~ [~tid~] AUTH ~pan~ ~amt~ USD approved ~auth~`),
		"urlparam": lines(`
~ip~ - - "GET /pay?amount=~amt~&pan=~pan~&exp=~yymm~ HTTP/1.1" 200 ~cents~
~ts~ body: card_number=~pan~&cvc=&name=x
POST /charge?cc=~pan~&ref=~id~
~ip~ - - "GET /checkout?step=2&card=~pan~ HTTP/1.1" 302 0`),
		"json_string": lines(`
{"id":~id~,"card_number":"~pan~","amount":"~amt~","currency":"USD"}
{"ts":"~ts~","payment":{"method":"card","pan":"~pan~","exp":"~exp~"}}
{"event":"auth","data":["~tid~","~pan~","~amt~"]}`),
		"json_number": lines(`
{"id":~id~,"card_number":~pan~,"amount":~amt~}
{"pan": ~pan~, "stan": ~id~}
{"event":"auth","values":[~id~,~pan~,~cents~]}`),
		"json_in_json": lines(`
{"level":"info","msg":"{\"card_number\":\"~pan~\",\"amount\":\"~amt~\"}"}
{"queue":"pay","payload":"{\"order\":~id~,\"card\":{\"pan\":\"~pan~\"}}"}
{"body":"{\"inner\":\"{\\\"pan\\\":\\\"~pan~\\\"}\"}"}`),
		"xml": lines(`
<payment id="~id~"><cardNumber>~pan~</cardNumber><amount>~amt~</amount></payment>
<auth pan="~pan~" exp="~yymm~"/>
<ns:Card xmlns:ns="urn:x"><ns:Number>~pan~</ns:Number></ns:Card>`),
		"csv": lines(`
~id~,~day~,~name~,~pan~,~exp~,~amt~`),
		"csv_quoted": lines(`
"~id~","~name~","~pan~","~amt~"`),
		"track": lines(`
~ts~ swipe: ~pan~
reader[~id~] raw=~pan~
~pan~`),
		"glued": lines(`
~ts~ PAN~pan~EXP~yymm~ ok
card~pan~x~id~
CC~pan~USD
id=~hex~zz~pan~q`),
		"percent20": lines(`
~ip~ - - "GET /pay?card=~pan~&exp=~yymm~ HTTP/1.1" 200 ~cents~
url=https://shop.example/charge?number=~pan~`),
		"plus": lines(`
~ip~ - - "POST /pay card_number=~pan~&amount=~amt~" 200
name=Doe&cc=~pan~&zip=10001`),
		"escaped": lines(`
{"card_number":"~pan~","ok":true}
var s = "~pan~";`),
		"hex": lines(`
~ts~ payload=~pan~
0x~pan~
data: ~pan~ (~id~)`),
		"base64": lines(`
Authorization: Basic ~pan~
{"data":"~pan~"}
~ts~ body(b64)=~pan~`),
		"jwt": lines(`
Authorization: Bearer ~pan~
{"id_token":"~pan~"}`),
		"payload": lines(`
{"card_number":"~pan~","name":"~name~","amount":"~amt~"}
card=~pan~&exp=~yymm~&amount=~amt~
<card><number>~pan~</number></card>`),
		"html": lines(`
<p>Card: ~pan~ </p>
<tr><td>~name~</td><td>~pan~</td><td>~amt~</td></tr>
<div class="pay">Number ~pan~ will be charged</div>`),
		"wide": lines(`
卡号：~pan~，有效期~exp~
客户~name~的卡为~pan~
~pan~`),
		"quoted": lines(`
Dear ~name~, we have charged your card ~pan~ with the amount of ~amt~.
Card number: ~pan~`),
		"iso": lines(`
~ts~ SEND ~pan~
[~id~] >> ~pan~ <<
~pan~`),
		"emv": lines(`
~ts~ DE55=~pan~
TLV: ~pan~
tags ~pan~ end`),
		"cvv": lines(`
~ts~ card=~pan~ exp=~exp~ cvv=~cvv~ amount=~amt~
{"card_number":"~pan~","cvc":"~cvv~","exp":"~exp~"}
number ~pan~ security code ~cvv~
卡号 ~pan~ 安全码 ~cvv~
pan=~pan~&cvv2=~cvv~&exp=~yymm~`),
		"expiry": lines(`
~ts~ card=~pan~ exp=~exp~ amount=~amt~
{"card_number":"~pan~","expiry":"~exp~"}
卡号 ~pan~ 有效期 ~exp~
pan=~pan~&expdate=~yymm~`),
		"pinblock": lines(`
~ts~ pan=~pan~ pinblock=~block~
{"card_number":"~pan~","pinBlock":"~block~"}
DE2=~pan~ DE52=~block~`),
		"pinblock_bare": lines(`
~ts~ verify pinblock=~block~ result=00
{"stan":"~stan~","pinBlock":"~block~"}
DE52=~block~ KSN=FFFF~hex~`),
		"resident": lines(`
身份证号：~pan~
~name~,~pan~,Lanzhou
id_card=~pan~&name=x
{"name":"~name~","idCard":"~pan~"}
~ts~ kyc passed ~pan~`),
		"phone": lines(`
姓名：李明 手机：~pan~ 身份证：~resident~
{"name":"~name~","mobile":"~pan~","id_card":"~resident~"}
customer ~name~ phone ~pan~ address 12 Long Road`),
		"password": lines(`
db.password=~pan~
spring.datasource.password: ~pan~
export DB_PASSWORD='~pan~'
  "password": "~pan~",
<add key="Password" value="~pan~" />`),
		"terminal_key": lines(`
TMK=~pan~
terminal.tpk = ~pan~
ZMK under LMK: ~pan~
"master_key": "~pan~",
TPK=~pan~ KCV=~kcv~`),
		"look": lines(`
~ts~ value ~pan~
~pan~
~id~,~pan~,~amt~
{"v":"~pan~"}
item ~pan~ done`),
		"look_number": lines(`
{"id":~pan~,"ok":true}
value=~pan~
~ts~ seq ~pan~ done
~id~,~pan~,~amt~`),
		"look_time": lines(`
ts=~pan~ level=info
{"timestamp":~pan~,"id":~id~}
~pan~ started worker ~id~
backup-~pan~.tar done`),
		"look_imei":  lines("imei=~pan~\ndevice ~pan~ online\n~id~,~pan~,active"),
		"look_iban":  lines("iban: ~pan~\npay to ~pan~ by ~day~\n~name~,~pan~"),
		"look_id":    lines("身份证 ~pan~\nid_card=~pan~\n~name~,~pan~\n~pan~"),
		"look_phone": lines("phone: ~pan~\ncall ~pan~\n~name~;~pan~\ntel=~pan~"),
		"look_book":  lines("ean=~pan~\n~pan~,~amt~,in stock\nisbn ~pan~"),
		"look_place": lines("pos=~pan~\n{\"geo\":\"~pan~\"}\n~pan~"),
		"look_host":  lines("from ~pan~\nallow ~pan~;\n~pan~"),
		"look_mask":  lines("card=~pan~\npaid with ~pan~\n{\"pan\":\"~pan~\"}"),
		"look_rrn":   lines("rrn=~pan~\nRRN ~pan~ approved\n~pan~ ok\n~pan~,00\nreference ~pan~"),
		"look_mti":   lines("~pan~ <- host\n[~pan~] approved\n~pan~ 000000 ~cents~\nrecv ~pan~"),
	},
}
