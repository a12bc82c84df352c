-- Revert mqk:ref/code from pg
-- built from sql/ref by `make code`: edit there

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

drop trigger _900_refuse_truncate on ref.classifications;
drop trigger _900_refuse_change on ref.classifications;
drop trigger _900_refuse_truncate on ref.listings;
drop trigger _900_refuse_change on ref.listings;
drop trigger _900_refuse_truncate on ref.instruments;
drop trigger _900_refuse_change on ref.instruments;
drop trigger _900_refuse_truncate on ref.amendments;
drop trigger _900_refuse_change on ref.amendments;
drop trigger _900_refuse_truncate on ref.exchanges;
drop trigger _900_refuse_change on ref.exchanges;
drop trigger _100_refuse_truncate on ref.sessions;
drop trigger _100_follow_amendments on ref.sessions;
drop trigger _900_refuse_truncate on ref.timeframes;
drop trigger _900_refuse_change on ref.timeframes;
drop function ref.load_classifications(jsonb, timestamptz);
drop function ref.parse_classifications(jsonb);
drop function ref.load_instruments(jsonb, timestamptz);
drop function ref.list_changed_listings(jsonb);
drop function ref.parse_listings(jsonb);
drop function ref.list_instruments(text);
drop function ref.get_class(text, text, date);
drop function ref.get_listed_since(text, date);
drop function ref.list_periods();
drop function ref.get_listing(text, date);
drop function ref.list_sessions(text, date, date, timestamptz);
drop function ref.count_slots(text, date);
drop function ref.get_closed_slot(text, text, timestamptz);
drop function ref.list_sessions_of_day(text, timestamptz);
drop function ref.compute_slot_end(interval, timestamptz, timestamptz, timestamptz);
drop function ref.compute_slot_start(interval, timestamptz, timestamptz);
drop function ref.list_slots(text, text, date, date);
drop function ref.describe_market(text, timestamptz);
drop function ref.count_sessions(text, timestamptz, timestamptz);
drop function ref.is_open(text, timestamptz);
drop function ref.get_session_after(text, date);
drop function ref.get_session_before(text, date);
drop function ref.get_session_of(text, timestamptz);
drop function ref.get_next_session(text, timestamptz);
drop function ref.tg_sessions__follow_amendments();
drop function ref.amend_session(text, date, text, text, text, timestamptz);
drop function ref.follow_amendment(ref.amendments, text);
drop function ref.is_amendable(timestamptz, timestamptz, timestamptz, timestamptz, timestamptz);
drop function ref.load_sessions(text, text, jsonb, timestamptz);
drop function ref.list_differences(text, jsonb);
drop function ref.parse_sessions(jsonb);

commit;
