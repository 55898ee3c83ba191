package corpus

// report is how the family writes by which the published figures are measured.
var report = style{
	salt:    0x7265_706f_7274,
	clock:   "02/Jan/2006:15:04:05 +0800",
	from:    1_784_500_000,
	stems:   words("journal pos-export settle acquirer shop"),
	holders: lines("Anna Muster\nMax Beispiel\nErika Sample\nPaul Specimen\nLena Probe"),
	records: lines(`
[~ts~] acquirer reply 00, account ~pan~, total ~cents~
[~ts~] primary_account_number ~pan~ seen at ~tid~
~tid~|~pan~|~amt~|CNY|~auth~
银行卡号 ~pan~ 消费 ~amt~
Credit card no. ~pan~ valid thru ~exp~
E ~id~ cannot void ccnum ~pan~ twice
主账号=~pan~，终端 ~tid~
Hi, the payment from ~pan~ did not arrive. ~name~`),
	noise: lines(`
[~ts~] heartbeat of ~tid~, ~id~ ms
~tid~|cash|~amt~|CNY|
I ~id~ printer is out of paper
[~ts~] peer ~ip~ closed
# page ~n~`),
	heads: map[string]string{
		"csv":        "Terminal;PAN;Holder;Valid;Sum",
		"csv_quoted": `"银行卡号","姓名","金额"`,
		"cvv_csv":    "PAN;Valid;CVV2;Name",
		"resident":   "证件号码;姓名",
	},
	forms: map[string][]string{
		"plain": lines(`
[~ts~] acquirer reply 00, account ~pan~, total ~cents~
银行卡号 ~pan~ 消费 ~amt~
  ~pan~  
~tid~|~pan~|~amt~|CNY|~auth~
Credit card no. ~pan~ valid thru ~exp~
The guest's number is ~pan~; call back.
ccnum: ~pan~
(~pan~)
~ts~	~pan~	~amt~`),
		"urlparam": lines(`
[~ts~] POST /v2/debit?acct=~pan~&sum=~cents~ 201
https://pay.example/r?t=~hex~&accountNumber=~pan~&back=1
ccnum=~pan~&expiry=~yymm~&sum=~amt~
"GET /wallet/add?number=~pan~&holder=x" 200`),
		"json_string": lines(`
{ "terminal" : "~tid~", "accountNumber" : "~pan~", "sum" : ~cents~ }
{"cards":[{"number":"~pan~","valid":"~exp~","owner":"~name~"}]}
{"tx":{"acct":"~pan~"},"rc":"00"}`),
		"json_number": lines(`
{ "accountNumber" : ~pan~, "sum" : ~cents~ }
{"rows":[[~id~,~pan~],[~id~,0]]}
{"number":~pan~}`),
		"json_in_json": lines(`
{"source":"pos","raw":"{\"accountNumber\": \"~pan~\", \"rc\": \"00\"}"}
{"log":"request {\"number\":~pan~} took ~id~ ms\n","stream":"stdout"}
{"record":"{\"value\":\"{\\\"acct\\\":\\\"~pan~\\\"}\"}"}`),
		"xml": lines(`
<Acct><PAN>~pan~</PAN><Vld>~exp~</Vld></Acct>
<tx rc="00" number='~pan~' sum="~cents~"></tx>
<soap:Body><m:Debit><m:CardNo>~pan~</m:CardNo></m:Debit></soap:Body>`),
		"csv": lines(`
~tid~;~pan~;~name~;~exp~;~amt~`),
		"csv_quoted": lines(`
"~pan~","~name~","~amt~"`),
		"track": lines(`
[~ts~] MSR ~tid~ ~pan~
magstripe "~pan~"
track data = ~pan~ ;`),
		"glued": lines(`
NO~pan~VAL~yymm~
[~ts~] acct~pan~,ok
X~pan~Y
kto~pan~eur~amt~`),
		"percent20": lines(`
[~ts~] GET /debit?acct=~pan~&s=~cents~
ref=%7B%22number%22%3A%22~pan~%22%7D`),
		"plus": lines(`
accountNumber=~pan~&holder=Max+Beispiel
[~ts~] q=~pan~&lang=de`),
		"escaped": lines(`
{ "number" : "~pan~" }
msg='~pan~' n=~id~`),
		"hex": lines(`
[~ts~] recv ~pan~
buf=~pan~;
<~pan~>`),
		"base64": lines(`
[~ts~] msg "~pan~"
<blob>~pan~</blob>
raw: ~pan~`),
		"jwt": lines(`
Cookie: session=~pan~; Path=/
[~ts~] token ~pan~ accepted`),
		"payload": lines(`
{"accountNumber":"~pan~","holder":"~name~","sum":~cents~}
acct=~pan~;valid=~exp~;sum=~cents~
~tid~|~pan~|~amt~|CNY`),
		"html": lines(`
<li>Konto ~pan~</li>
<td class=n>~pan~</td><td>~exp~</td>
<span>银行卡号 ~pan~</span>`),
		"wide": lines(`
主账号~pan~消费成功
银行卡：~pan~　金额：~amt~
［~pan~］`),
		"quoted": lines(`
Guten Tag ~name~, Ihre Zahlung mit der Karte ~pan~ wurde am ~day~ gebucht.
ccnum ~pan~ booked`),
		"iso": lines(`
[~ts~] ~tid~ -> host ~pan~
msg(~id~)=~pan~
rx "~pan~"`),
		"emv": lines(`
[~ts~] icc data ~pan~
F55 ~pan~;
<tlv>~pan~</tlv>`),
		"cvv": lines(`
[~ts~] account ~pan~ valid ~exp~ CVV2 ~cvv~
{ "number" : "~pan~", "securityCode" : "~cvv~" }
~tid~|pan:~pan~|cvn2:~cvv~
主账号=~pan~ CVN2=~cvv~ 有效期=~yymm~
<Acct><PAN>~pan~</PAN><CVC>~cvv~</CVC></Acct>`),
		"expiry": lines(`
[~ts~] account ~pan~ valid thru ~exp~
{ "number" : "~pan~", "validThru" : "~exp~" }
主账号=~pan~ 有效期=~yymm~
<Acct><PAN>~pan~</PAN><Expiry>~yymm~</Expiry></Acct>`),
		"pinblock": lines(`
[~ts~] account ~pan~ PIN block: ~block~
{ "number" : "~pan~", "pin_block" : "~block~" }
F2:~pan~ F52:~block~`),
		"pinblock_bare": lines(`
[~ts~] PIN block: ~block~ from ~tid~
<PinData>~block~</PinData>
F52:~block~ F53:2600000000000000`),
		"resident": lines(`
证件号码 ~pan~
公民身份号码:~pan~
~pan~;~name~
<idno>~pan~</idno>
[~ts~] holder checked ~pan~`),
		"phone": lines(`
联系人 王芳，联系电话 ~pan~，证件号码 ~resident~
{ "holder" : "~name~", "tel" : "~pan~", "idno" : "~resident~" }
持卡人：~name~ 手机号码：~pan~ 地址：南京路 5 号`),
		"password": lines(`
datasource.pwd = ~pan~
MYSQL_ROOT_PASSWORD=~pan~
passwd: "~pan~"
Server=db;User Id=pos;Password=~pan~;
<password>~pan~</password>`),
		"terminal_key": lines(`
[keys] tmk: ~pan~
主密钥=~pan~
ZMK=~pan~;KCV=~kcv~
<tpk>~pan~</tpk>
pin_key ~pan~`),
		"look": lines(`
[~ts~] got ~pan~
no. ~pan~ of ~id~
~tid~|~pan~|~amt~
<v>~pan~</v>
~pan~`),
		"look_number": lines(`
{ "seq" : ~pan~ }
[~ts~] offset ~pan~
counter ~pan~
~tid~|~pan~|0`),
		"look_time": lines(`
[~pan~] I ready
{ "at" : ~pan~ }
export_~pan~.csv written
at ~pan~ by ~tid~`),
		"look_imei":  lines("IMEI ~pan~\n<imei>~pan~</imei>\n~tid~|~pan~"),
		"look_iban":  lines("Konto ~pan~\n<IBAN>~pan~</IBAN>\n[~ts~] transfer ~pan~"),
		"look_id":    lines("证件号码：~pan~\n~pan~;~name~\n<idno>~pan~</idno>\n[~ts~] ~pan~"),
		"look_phone": lines("联系电话 ~pan~\nTel. ~pan~\n~pan~;~name~\n<tel>~pan~</tel>"),
		"look_book":  lines("barcode ~pan~\n~pan~;~amt~\n<isbn>~pan~</isbn>"),
		"look_place": lines("gps ~pan~\n<pt>~pan~</pt>\n~tid~|~pan~"),
		"look_host":  lines("peer ~pan~ up\n[~ts~] ~pan~\nroute ~pan~"),
		"look_mask":  lines("account ~pan~\n银行卡号 ~pan~\n~tid~|~pan~|~amt~"),
		"look_rrn":   lines("参考号 ~pan~\nF37:~pan~\n~tid~|~pan~|00\n[~ts~] ~pan~ done"),
		"look_mti":   lines("<< ~pan~ ~stan~\n~pan~ from ~tid~\nmsg ~pan~ ok\n~pan~"),
	},
}
