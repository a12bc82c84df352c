-- Revert mqk:replay/code from pg
-- built from sql/replay by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

drop trigger _900_refuse_truncate on replay.places;
drop trigger _900_refuse_change on replay.places;
drop function replay.list_log(uuid);
drop function replay.list_folded(uuid, text, timestamptz);
drop function replay.compare_run(uuid, timestamptz);
drop function replay.list_digests(uuid, timestamptz);
drop function replay.format_difference(text, jsonb, jsonb);
drop function replay.list_stored(uuid);
drop function replay.fold_all(uuid, timestamptz);
drop function replay.fold_books(uuid, timestamptz);
drop function replay.list_entries(jsonb);
drop function replay.fold_symbol(uuid, text, timestamptz);
drop function replay.describe_entry(ledger.fills, ledger.adjustments, ledger.positions, bigint, ledger.lots[], bigint, jsonb);
drop function replay.list_records(bigint, jsonb);
drop function replay.list_bookings(uuid, timestamptz);
drop function replay.is_newest(ledger.fills[], ledger.adjustments[], ledger.fills);
drop function replay.list_standing(ledger.fills[], ledger.fills);
drop function replay.match_symbol(ledger.fills[], ledger.adjustments[], bigint);
drop function replay.match_split(ledger.lots[], ledger.adjustments, bigint);
drop function replay.match_fill(ledger.lots[], ledger.fills, bigint, bigint);
drop function replay.fold_inbox(uuid, timestamptz);
drop function replay.fold_outbox(uuid, timestamptz);
drop function replay.list_requests(uuid, timestamptz);
drop function replay.fold_orders(uuid, timestamptz);
drop function replay.fold_limits(uuid, timestamptz);
drop function replay.fold_decisions(uuid, timestamptz);
drop function replay.fold_halts(uuid, timestamptz);
drop function replay.fold_gates(uuid, timestamptz);
drop function replay.fold_workers(uuid, timestamptz);
drop function replay.fold_run(uuid, timestamptz);
drop function replay.list_left_out();
drop function replay.list_rows(text, jsonb, boolean);

commit;
