-- Revert mqk:risk/code from pg
-- built from sql/risk by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on risk.limits;
drop trigger _900_refuse_truncate on risk.rejects;
drop trigger _900_refuse_truncate on risk.decisions;
drop trigger _900_refuse_change on risk.rejects;
drop trigger _900_refuse_change on risk.decisions;
drop trigger _900_refuse_change on risk.limits;
drop function risk.check_order(uuid, uuid, text, bigint, bigint, bigint, bigint, timestamptz);
drop function risk.find_denial(risk.limits, text, bigint, bigint, bigint, bigint);
drop function risk.find_breach(risk.states, timestamptz);
drop function risk.roll_state(uuid, date, bigint, timestamptz);
drop function risk.evaluate(uuid, timestamptz);
drop function risk.record_reject(uuid, text, timestamptz);
drop function risk.is_breached(bigint, bigint, bigint);
drop function risk.set_limits(uuid, bigint, jsonb, date, timestamptz);

commit;
