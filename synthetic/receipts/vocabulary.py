"""The words that receipts are made of, in English and in Korean; all shops, people and addresses are invented."""

from dataclasses import dataclass, fields
from typing import Literal

Language = Literal["english", "korean", "mixed"]


@dataclass(frozen=True)
class Wording:
    """What one language offers for each place on a receipt; every entry is one cell, its words parted by spaces.

    An item is (name, lowest price, highest price) in hundredths of a dollar, or in won where there are no decimals.
    """

    decimals: int
    shops: tuple[str, ...]
    branches: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    phone_labels: tuple[str, ...]
    date_labels: tuple[str, ...]
    number_labels: tuple[str, ...]
    cashier_labels: tuple[str, ...]
    cashiers: tuple[str, ...]
    column_titles: tuple[tuple[str, str, str, str], ...]
    items: tuple[tuple[str, int, int], ...]
    count_labels: tuple[str, ...]
    subtotal_labels: tuple[str, ...]
    tax_labels: tuple[str, ...]
    total_labels: tuple[str, ...]
    cash_labels: tuple[str, ...]
    change_labels: tuple[str, ...]
    card_labels: tuple[str, ...]
    card_number_labels: tuple[str, ...]
    approval_labels: tuple[str, ...]
    footers: tuple[str, ...]


ENGLISH = Wording(
    decimals=2,
    shops=(
        "GREENLEAF MARKET",
        "Harbor Coffee",
        "SUNRISE BAKERY",
        "Maple & Rye",
        "CITY HARDWARE",
        "Bluebird Books",
        "NORTH STAR GROCERY",
        "The Corner Deli",
        "RIVERSIDE PHARMACY",
        "Golden Wok Kitchen",
        "PIXEL STATIONERY",
        "Oak Street Diner",
    ),
    branches=("Store 0142", "Main Branch", "Branch No. 7", "Central Station", "Unit 3B Level 2", "West Mall"),
    streets=(
        "128 Orchard Road",
        "45 Mill Lane",
        "9 Harbour Street",
        "2210 Elm Avenue",
        "71 Station Square",
        "16 Queen St.",
    ),
    cities=("Springdale 40213", "Lakewood, WA 98499", "Eastbridge 1042", "Port Hillam 50450", "Fairview, OR 97024"),
    phone_labels=("Tel:", "TEL", "Phone", "Ph."),
    date_labels=("Date:", "DATE", "Date/Time"),
    number_labels=("Receipt #", "Invoice No:", "Order", "Bill No.", "TRANS"),
    cashier_labels=("Cashier:", "Served by", "Server", "Clerk"),
    cashiers=("Anna", "Marcus", "J. Lee", "Priya", "Tom", "Elena", "Kim"),
    column_titles=(
        ("Item", "Qty", "Price", "Amount"),
        ("DESCRIPTION", "QTY", "PRICE", "TOTAL"),
        ("Product", "Qty", "Each", "Total"),
    ),
    items=(
        ("Whole Milk 1L", 140, 320),
        ("Sourdough Bread", 380, 720),
        ("Free Range Eggs", 310, 650),
        ("Banana", 40, 190),
        ("Green Apples", 180, 420),
        ("Cheddar Cheese", 420, 890),
        ("Iced Latte", 380, 620),
        ("Flat White", 350, 480),
        ("Blueberry Muffin", 280, 450),
        ("Chicken Sandwich", 690, 1150),
        ("Tomato Soup", 450, 780),
        ("Orange Juice", 290, 540),
        ("Pasta 500g", 120, 310),
        ("Olive Oil", 690, 1590),
        ("Notebook A5", 350, 990),
        ("Ball Pen Blue", 90, 250),
        ("LED Bulb 9W", 400, 1100),
        ("Paper Towels", 320, 700),
        ("Shampoo 400ml", 490, 1190),
        ("Dark Chocolate", 210, 550),
        ("Fried Rice", 780, 1290),
        ("Dumplings", 590, 980),
        ("Mineral Water", 100, 260),
        ("Batteries AA", 450, 1250),
        ("Gift Wrap", 250, 500),
        ("Caesar Salad", 750, 1320),
        ("Peanut Butter", 330, 690),
        ("Hand Soap", 230, 480),
        ("Teabags", 260, 640),
        ("Carrots", 110, 280),
    ),
    count_labels=("Items", "Item count", "Total Qty"),
    subtotal_labels=("Subtotal", "SUB TOTAL", "Sub-total", "Net Amount"),
    tax_labels=("Tax 8%", "VAT 10%", "GST 6%", "Sales Tax"),
    total_labels=("TOTAL", "Total", "TOTAL DUE", "Amount Due", "GRAND TOTAL"),
    cash_labels=("CASH", "Cash", "Cash Tendered"),
    change_labels=("CHANGE", "Change", "Change Due"),
    card_labels=("VISA", "Credit Card", "DEBIT", "Mastercard"),
    card_number_labels=("Card No.", "CARD", "Account"),
    approval_labels=("Approval", "AUTH CODE", "Ref No."),
    footers=(
        "Thank you for your visit!",
        "Please come again",
        "THANK YOU",
        "Have a nice day",
        "Goods sold are not refundable",
        "Exchange within 7 days with receipt",
        "Keep this receipt for your records",
        "Join our members club today",
        "Prices include all taxes",
        "Follow us @ourshop",
        "Customer Copy",
    ),
)

KOREAN = Wording(
    decimals=0,
    shops=(
        "푸른숲 마트",
        "달빛 카페",
        "행복 식당",
        "한강 서점",
        "오늘의 빵집",
        "서울 분식",
        "바다 수산",
        "미소 약국",
        "별빛 문구",
        "우리동네 슈퍼",
        "산들 김밥",
    ),
    branches=("강남점", "본점", "서울역점", "부산 해운대점", "2호점", "시청점"),
    streets=(
        "서울시 중구 한빛로 12",
        "부산시 해운대구 바다로 88",
        "대전시 서구 문화로 5",
        "경기도 수원시 꽃길 31",
        "서울 마포구 강변길 204",
    ),
    cities=("1층 102호", "지하 1층", "상가동 3호", "본관 2층"),
    phone_labels=("전화", "전화:", "TEL:", "대표전화"),
    date_labels=("일시:", "판매일", "거래일시", "날짜"),
    number_labels=("영수증번호", "주문번호", "거래번호:", "No."),
    cashier_labels=("담당:", "계산원", "판매원"),
    cashiers=("김민지", "이준호", "박서연", "최유진", "정하늘"),
    column_titles=(
        ("상품명", "수량", "단가", "금액"),
        ("품명", "수량", "단가", "금액"),
        ("메뉴", "수량", "단가", "합계"),
    ),
    items=(
        ("아메리카노", 2500, 4500),
        ("카페 라떼", 3500, 5500),
        ("바닐라 라떼", 4000, 5900),
        ("삼각 김밥", 1100, 1900),
        ("컵라면", 1000, 1800),
        ("우유 1L", 2400, 3200),
        ("식빵", 2800, 4800),
        ("단팥빵", 1500, 2500),
        ("김치 찌개", 7000, 9500),
        ("된장 찌개", 7000, 9500),
        ("비빔밥", 7500, 11000),
        ("떡볶이", 3500, 6000),
        ("순대", 4000, 6000),
        ("만두", 3500, 7000),
        ("참치 김밥", 3500, 5000),
        ("라면", 3500, 4500),
        ("생수 500ml", 600, 1200),
        ("오렌지 주스", 1800, 3900),
        ("사과", 1200, 6900),
        ("바나나", 2500, 4500),
        ("계란 10구", 3200, 5400),
        ("두부", 1500, 2900),
        ("콩나물", 1000, 2200),
        ("고등어", 3900, 8900),
        ("휴지", 5900, 14900),
        ("치약", 2200, 4900),
        ("볼펜", 700, 2000),
        ("공책", 1200, 3500),
        ("초콜릿", 1200, 3800),
        ("아이스크림", 900, 2500),
    ),
    count_labels=("총수량", "품목수", "합계 수량"),
    subtotal_labels=("소계", "공급가액", "과세 물품가액", "판매 금액"),
    tax_labels=("부가세", "부가세 10%", "세액"),
    total_labels=("합계", "총 합계", "결제금액", "받을 금액"),
    cash_labels=("현금", "받은 금액", "현금 결제"),
    change_labels=("거스름돈", "잔돈"),
    card_labels=("신용카드", "카드 결제", "체크카드"),
    card_number_labels=("카드번호", "카드번호:"),
    approval_labels=("승인번호", "승인번호:"),
    footers=(
        "감사합니다",
        "또 방문해 주세요",
        "좋은 하루 되세요",
        "이용해 주셔서 감사합니다",
        "교환 및 환불은 7일 이내 가능합니다",
        "영수증을 꼭 가져오세요",
        "포인트 적립 가능",
        "현금영수증 문의",
        "고객센터 1588-0000",
        "고객용",
    ),
)


def _mix(first: Wording, second: Wording) -> Wording:
    merged = {
        field.name: getattr(first, field.name) + getattr(second, field.name)
        for field in fields(Wording)
        if field.name not in ("decimals", "items")
    }
    # Dollars and won do not mix: the foreign names take the other language's prices.
    names = [name for name, _, _ in second.items]
    items = first.items + tuple((name, low, high) for name, (_, low, high) in zip(names, first.items, strict=True))
    return Wording(decimals=first.decimals, items=items, **merged)


WORDINGS: dict[Language, Wording] = {"english": ENGLISH, "korean": KOREAN, "mixed": _mix(KOREAN, ENGLISH)}


def characters() -> str:
    """Every character that a receipt can show, sorted: printable ASCII, the won sign and the vocabulary's Hangul."""
    printable = {chr(code) for code in range(0x20, 0x7F)}
    # A repr holds every text of the vocabulary, and besides printable ASCII only.
    return "".join(sorted({*printable, "₩", *repr(WORDINGS)}))
