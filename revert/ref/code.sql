-- Revert mqk:ref/code from pg
-- built from sql/ref by `make code`: edit there

begin;

set local role mqk_owner;

drop function ref.get_next_session(text, timestamptz);
drop function ref.get_closed_session(text, timestamptz);
drop function ref.load_instruments(jsonb, timestamptz);
drop function ref.load_sessions(text, text, jsonb, timestamptz);

commit;
