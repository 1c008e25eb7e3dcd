"""In: nothing. Out: the files in which a pair is easily overlooked for their size."""

from collections.abc import Iterator

from tests.leaks.hiding.model import Hideout, in_head, pair_for


def large_texts() -> Iterator[Hideout]:
    """Files in which a pair is easily overlooked for their size."""
    js = pair_for("minified JavaScript")
    call = f'a.s3({{accessKeyId:"{js.id}",secretAccessKey:"{js.secret}"}});'
    code = "!function(e,t){for(var n=0;n<t.length;n++)e[n]=t[n]}(window,[1,2,3]);"
    place = in_head("minified JavaScript", js, "large/app.min.js", 1)
    yield Hideout(place, place.path, (code * 2150 + call + code * 2150).encode)

    log = pair_for("3 MB log")
    entry = "2024-03-01T10:00:00Z INFO worker: request 4711 took 12 ms, status 200, cache miss\n"
    put = f"2024-03-01T10:00:00Z DEBUG env AWS_ACCESS_KEY_ID={log.id}"
    line = f"{put} AWS_SECRET_ACCESS_KEY={log.secret}\n"
    place = in_head("3 MB log", log, "large/worker.log", 20_001)
    yield Hideout(place, place.path, (entry * 20_000 + line + entry * 17_000).encode)

    wide = pair_for("1 MB line")
    field = '{"id":4711,"state":"done","owner":"ann"},'
    record = f'{{"AccessKeyId":"{wide.id}","SecretAccessKey":"{wide.secret}"}},'
    place = in_head("1 MB line", wide, "large/events.json", 3)
    yield Hideout(
        place,
        place.path,
        ("[\n1,\n" + field * 20_000 + record + field * 6_000 + "0\n]\n").encode,
    )
