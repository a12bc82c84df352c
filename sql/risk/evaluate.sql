create or replace function risk.evaluate(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run     run.runs;
    v_now_at  timestamptz;
    v_worth   record;
    v_session date;
    v_state   risk.states;
    v_breach  text;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    if exists (select from ledger.list_due_actions(p_run_id, v_now_at)) then
        return 'a corporate action is due';
    end if;
    select e.* into strict v_worth
      from ledger.compute_exposure(p_run_id, md.get_marks(p_run_id, v_now_at)) as e;
    select s.session_on into v_session
      from md.policies as p
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral ref.get_closed_slot(i.exchange_id, p.timeframe, v_now_at) as s
     where p.run_id = p_run_id
     limit 1;
    perform core.assert_that(v_session is not null, 'MQN04', v_now_at::text);

    v_state := risk.roll_state(p_run_id, v_session, v_worth.equity_micros, v_worth.gross_micros, v_now_at);
    perform ledger.record_equity(
        p_run_id, v_session, v_worth.cash_micros, v_worth.net_micros, v_worth.gross_micros, v_now_at);
    v_breach := risk.find_breach(v_state, v_now_at);
    perform run.set_gate(
        p_run_id, 'RISK', v_breach is null, coalesce(v_breach, 'within limits'),
        to_jsonb(v_state) - array['run_id', 'evaluated_at'],
        v_now_at + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    perform risk.set_day_trader_flag(
        v_run.account_id, true, d.day_trades, 'found by risk.evaluate', v_now_at)
       from risk.limits as l
      cross join lateral (
         select risk.count_day_trades(v_run.account_id, v_now_at) as day_trades) as d
      where l.run_id = p_run_id and l.pdt_mode <> 'OFF' and d.day_trades > l.pdt_max_day_trades;
    return coalesce(v_breach, 'within limits');
end;
$function$;

comment on function risk.evaluate(uuid, timestamptz) is
$$Marks a run to market, rolls its day and peak, looks for a breach and sets gate RISK.
Gives 'within limits' or the breach; while a corporate action is due nothing is judged, and the gate stays
open no longer than its last proof.
Why: run after every applied fill and at every bar, so that a loss without a signal is seen too.
Raises: MQN02; MQN04; MQI02 a held symbol has no mark.$$;
