-- Revert mqk:sim/code from pg
-- built from sql/sim by `make code`: edit there

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

drop trigger _900_refuse_truncate on sim.events;
drop trigger _900_refuse_change on sim.events;
drop function sim.list_events(text, bigint, integer);
drop function sim.get_snapshot(text, timestamptz);
drop function sim.format_order(sim.orders);
drop function sim.observe_bars(text, jsonb, timestamptz);
drop function sim.apply_actions(text, timestamptz, timestamptz);
drop function sim.announce_actions(text, jsonb, timestamptz);
drop function sim.split_position(sim.actions, timestamptz);
drop function sim.match_order(sim.orders, jsonb, timestamptz);
drop function sim.fill_order(sim.orders, bigint, bigint, timestamptz);
drop function sim.replace_order(text, uuid, bigint, bigint, bigint, timestamptz);
drop function sim.end_order(text, uuid, text, text, timestamptz);
drop function sim.submit_order(text, text, text, bigint, text, bigint, bigint, text, timestamptz);
drop function sim.derive_order_id(text, text);
drop function sim.assert_may_rest(text, text, bigint);
drop function sim.append_event(sim.orders, text, jsonb, text, timestamptz);
drop function sim.open_account(text, jsonb, timestamptz);
drop function sim.compute_lieu(bigint, bigint, bigint, bigint);
drop function sim.compute_fee(bigint, bigint, bigint, integer);
drop function sim.compute_fill_price(text, bigint, bigint, bigint, bigint, bigint, bigint, bigint);
drop function sim.is_triggered(bigint, bigint, bigint, bigint);
drop function sim.compute_stopped_price(bigint, bigint, bigint, bigint);
drop function sim.compute_market_price(text, bigint, bigint, bigint, bigint, bigint);
drop function sim.compute_fill_qty(bigint, bigint, bigint);
drop function sim.compute_slippage_bps(bigint, bigint, bigint, integer, integer, integer);

commit;
