"""What the sweep finds, over all tenants, as census_system."""

from census.adapters.postgres.stuck_uploads import stuck_uploads
from census.domain.errors import UnavailableError
from tests.ingest.house import House


def sweep(house: House, limit: int = 500) -> list[object]:
    with house.database.system() as work:
        return [file_id for _, file_id in stuck_uploads(work.session, limit)]


def test_a_file_whose_worker_died_is_found_once_and_can_be_taken_up(house: House) -> None:
    file_id = house.announce()
    event = house.upload(file_id, b"Words.")
    house.doors.raise_at("before download", KeyboardInterrupt())
    try:
        house.deliver(event)
    except KeyboardInterrupt:
        house.let_claim_expire(file_id)

    assert sweep(house) == [file_id]
    assert sweep(house) == []
    house.remind(file_id)
    assert house.row(file_id)["status"] == "completed"


def test_a_file_at_work_is_not_found(house: House) -> None:
    file_id = house.add(b"Words.")
    house.change(file_id, "status = 'processing', claimed_until = now() + interval '1 minute'")

    assert sweep(house) == []


def test_a_file_whose_next_attempt_is_to_come_is_not_found(house: House) -> None:
    file_id = house.announce()
    house.doors.raise_at("before download", UnavailableError("S3 is down."))
    house.deliver(house.upload(file_id, b"Words."))

    assert sweep(house) == []
    house.change(file_id, "claimed_until = now() - interval '30 seconds'")
    assert sweep(house) == []
    house.change(file_id, "claimed_until = now() - interval '61 seconds'")
    assert sweep(house) == [file_id]


def test_a_reopened_file_whose_message_was_lost_is_found(house: House) -> None:
    file_id = house.add(b"")
    with house.database.tenant(house.tenant_id) as work:
        work.files.reopen(file_id)
    assert sweep(house) == []
    house.change(file_id, "updated_at = now() - interval '2 minutes'")

    assert sweep(house) == [file_id]


def test_an_upload_never_made_is_found_after_its_time(house: House) -> None:
    file_id = house.announce()
    assert sweep(house) == []
    house.change(file_id, "upload_expires_at = now() - interval '1 second'")

    assert sweep(house) == [file_id]


def test_the_sweep_is_bounded_and_crosses_tenants(house: House, database_url: str) -> None:
    other = House(database_url)
    files = {one.announce() for one in (house, house, other)}
    for one in files:
        house.change(one, "upload_expires_at = now() - interval '1 second'")

    assert len(sweep(house, limit=2)) == 2
    assert set(sweep(house)) == files
    other.database.engine.dispose()


def test_finished_files_are_never_found(house: House) -> None:
    for file_id in (house.add(b"Words."), house.add(b"")):
        house.change(file_id, "updated_at = now() - interval '1 day'")

    assert sweep(house) == []
