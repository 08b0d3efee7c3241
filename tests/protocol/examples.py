"""The five worked examples of the track format, with the fields that they are known to hold."""

from __future__ import annotations

from typing import Any

UNKNOWN_LENGTH = 2**63 - 1

A = (
    "QAAAjQIAJVJpY2sgQXN0bGV5IC0gTmV2ZXIgR29ubmEgR2l2ZSBZb3UgVXAADlJpY2tBc3RsZXlWRVZPAAAAAAADPCAAC2RRdzR3OVdnWGNRAAEA"
    "K2h0dHBzOi8vd3d3LnlvdXR1YmUuY29tL3dhdGNoP3Y9ZFF3NHc5V2dYY1EAB3lvdXR1YmUAAAAAAAAAAA=="
)
B = (
    "QAAA4wMARkJsYWNrc3RyZWV0IC0gTm8gRGlnZ2l0eSAoT2ZmaWNpYWwgTXVzaWMgVmlkZW8pIGZ0LiBEci4gRHJlLCBRdWVlbiBQZW4AC0JsYWNr"
    "c3RyZWV0AAAAAAAEIpgACzNLTDltUnVzMTlvAAEAK2h0dHBzOi8vd3d3LnlvdXR1YmUuY29tL3dhdGNoP3Y9M0tMOW1SdXMxOW8BADRodHRwczov"
    "L2kueXRpbWcuY29tL3ZpLzNLTDltUnVzMTlvL21heHJlc2RlZmF1bHQuanBnAAAHeW91dHViZQAAAAAAAAAA"
)
C = (
    "QAAAuwIAGVBvd2VyZWQgYnkgSW5mb21hbmlhay5jb20ACkNvbnRhY3QgRk1//////////wA5aHR0cDovL3JhZGlvLWNvbnRhY3QuaWNlLmluZm9t"
    "YW5pYWsuY2gvcmFkaW8tY29udGFjdC1oaWdoAQEAOWh0dHA6Ly9yYWRpby1jb250YWN0LmljZS5pbmZvbWFuaWFrLmNoL3JhZGlvLWNvbnRhY3Qt"
    "aGlnaAAEaHR0cAADbXAzAAAAAAAAAAA="
)
D = (
    "QAABDQIAGOS6jOS6uuOBruODouODjuOCsOODqeODoAAJ576O6aKo6JeNf/////////8AY2h0dHBzOi8vY2RuLmRpc2NvcmRhcHAuY29tL2F0dGFj"
    "aG1lbnRzLzE2OTg2ODg0Njc1OTU0Mjc4NS81ODA4Mzk0NTgzODM5ODY3MTgvRnV0YXJpX25vX01vbm9ncmFtLm9nZwEBAGNodHRwczovL2Nkbi5k"
    "aXNjb3JkYXBwLmNvbS9hdHRhY2htZW50cy8xNjk4Njg4NDY3NTk1NDI3ODUvNTgwODM5NDU4MzgzOTg2NzE4L0Z1dGFyaV9ub19Nb25vZ3JhbS5v"
    "Z2cABGh0dHAAA29nZwAAAAAAAAAA"
)
E = (
    "QAACDgMACk5vIERpZ2dpdHkAC0JsYWNrc3RyZWV0AAAAAAAEo4AABjkxNjQ5NgABAB9odHRwczovL2RlZXplci5jb20vdHJhY2svOTE2NDk2AQBp"
    "aHR0cHM6Ly9lLWNkbnMtaW1hZ2VzLmR6Y2RuLm5ldC9pbWFnZXMvY292ZXIvZGFlN2EyNjViNzlmYjcxMjc4Y2RlMjUwNDg0OWQ2ZjcvMTAwMHgx"
    "MDAwLTAwMDAwMC04MC0wLTAuanBnAQAMVVNJUjE5NjAwOTc4AAZkZWV6ZXIBAChObyBEaWdnaXR5OiBUaGUgVmVyeSBCZXN0IE9mIEJsYWNrc3Ry"
    "ZWV0AQAjaHR0cHM6Ly93d3cuZGVlemVyLmNvbS9hbGJ1bS8xMDMyNTQBACJodHRwczovL3d3dy5kZWV6ZXIuY29tL2FydGlzdC8xODYxAQBqaHR0"
    "cHM6Ly9lLWNkbnMtaW1hZ2VzLmR6Y2RuLm5ldC9pbWFnZXMvYXJ0aXN0L2YxNmNhYzM2ZmVjMzkxZjczN2I3ZDQ4MmY1YWM3M2UzLzEwMDB4MTAw"
    "MC0wMDAwMDAtODAtMC0wLmpwZwEAT2h0dHBzOi8vY2RuLXByZXZpZXctYS5kemNkbi5uZXQvc3RyZWFtL2MtYTE1Yjg1NzFhYTYyMDBjMDQ0YmY1"
    "OWM3NmVkOTEyN2MtNi5tcDMAAAAAAAAAAAA="
)

_DISCORD_FILE = "https://cdn.discordapp.com/attachments/169868846759542785/580839458383986718/Futari_no_Monogram.ogg"
_RADIO = "http://radio-contact.ice.infomaniak.ch/radio-contact-high"
_DEEZER_IMAGES = "https://e-cdns-images.dzcdn.net/images"

FIELDS: dict[str, dict[str, Any]] = {
    A: {
        "version": 2, "title": "Rick Astley - Never Gonna Give You Up", "author": "RickAstleyVEVO", "length": 212_000,
        "identifier": "dQw4w9WgXcQ", "is_stream": False, "uri": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "artwork_url": None, "isrc": None, "source_name": "youtube", "tail": {}, "position": 0,
    },
    B: {
        "version": 3, "title": "Blackstreet - No Diggity (Official Music Video) ft. Dr. Dre, Queen Pen",
        "author": "Blackstreet", "length": 271_000, "identifier": "3KL9mRus19o", "is_stream": False,
        "uri": "https://www.youtube.com/watch?v=3KL9mRus19o",
        "artwork_url": "https://i.ytimg.com/vi/3KL9mRus19o/maxresdefault.jpg", "isrc": None,
        "source_name": "youtube", "tail": {}, "position": 0,
    },
    C: {
        "version": 2, "title": "Powered by Infomaniak.com", "author": "Contact FM", "length": UNKNOWN_LENGTH,
        "identifier": _RADIO, "is_stream": True, "uri": _RADIO, "artwork_url": None, "isrc": None,
        "source_name": "http", "tail": {"probe_info": "mp3"}, "position": 0,
    },
    D: {
        "version": 2, "title": "二人のモノグラム", "author": "美風藍", "length": UNKNOWN_LENGTH,
        "identifier": _DISCORD_FILE, "is_stream": True, "uri": _DISCORD_FILE, "artwork_url": None, "isrc": None,
        "source_name": "http", "tail": {"probe_info": "ogg"}, "position": 0,
    },
    E: {
        "version": 3, "title": "No Diggity", "author": "Blackstreet", "length": 304_000, "identifier": "916496",
        "is_stream": False, "uri": "https://deezer.com/track/916496",
        "artwork_url": f"{_DEEZER_IMAGES}/cover/dae7a265b79fb71278cde2504849d6f7/1000x1000-000000-80-0-0.jpg",
        "isrc": "USIR19600978", "source_name": "deezer",
        "tail": {
            "album_name": "No Diggity: The Very Best Of Blackstreet",
            "album_url": "https://www.deezer.com/album/103254",
            "artist_url": "https://www.deezer.com/artist/1861",
            "artist_artwork_url":
                f"{_DEEZER_IMAGES}/artist/f16cac36fec391f737b7d482f5ac73e3/1000x1000-000000-80-0-0.jpg",
            "preview_url": "https://cdn-preview-a.dzcdn.net/stream/c-a15b8571aa6200c044bf59c76ed9127c-6.mp3",
            "is_preview": False,
        },
        "position": 0,
    },
}  # fmt: skip
