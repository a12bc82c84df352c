-- Revert mqk:ref/code from pg
-- built from sql/ref by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on ref.timeframes;
drop trigger _900_refuse_change on ref.timeframes;
drop function ref.get_closed_slot(text, text, timestamptz);
drop function ref.get_slot(text, text, timestamptz);
drop function ref.list_slots(text, text, date, date);
drop function ref.get_next_session(text, timestamptz);
drop function ref.get_closed_session(text, timestamptz);
drop function ref.load_instruments(jsonb, timestamptz);
drop function ref.load_sessions(text, text, jsonb, timestamptz);

commit;
