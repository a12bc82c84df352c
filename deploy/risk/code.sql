-- Deploy mqk:risk/code to pg
-- built from sql/risk by `make code`: edit there

begin;

set local role mqk_owner;

create or replace function risk.set_limits(
    p_run_id        uuid,
    p_equity_micros bigint,
    p_risk          jsonb,
    p_session_on    date,
    p_now_at        timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into risk.limits (
        run_id, daily_loss_limit_micros, max_drawdown_micros, max_order_qty,
        max_order_notional_micros, max_position_micros, max_gross_exposure_micros,
        reject_storm_max_rejects, reject_storm_window_ms, allow_short)
    select p_run_id,
           trunc(p_equity_micros * (p_risk ->> 'daily_loss_limit')::numeric)::bigint,
           trunc(p_equity_micros * (p_risk ->> 'max_drawdown')::numeric)::bigint,
           (p_risk ->> 'max_order_qty')::bigint,
           trunc(p_equity_micros * (p_risk ->> 'max_order_notional')::numeric)::bigint,
           trunc(p_equity_micros * (p_risk ->> 'max_position_per_symbol')::numeric)::bigint,
           trunc(p_equity_micros * (p_risk ->> 'max_gross_exposure')::numeric)::bigint,
           (p_risk -> 'reject_storm' ->> 'max_rejects')::integer,
           (p_risk -> 'reject_storm' ->> 'window_seconds')::bigint * 1000,
           (p_risk ->> 'allow_short')::boolean;

    insert into risk.states (
        run_id, session_on, day_start_micros, peak_micros, equity_micros, worst_day_micros,
        worst_fall_micros, evaluated_at)
    values (p_run_id, p_session_on, p_equity_micros, p_equity_micros, p_equity_micros, 0, 0, p_now_at);
$function$;

comment on function risk.set_limits(uuid, bigint, jsonb, date, timestamptz) is
$$Turns the ratios of config.risk into a run's limits, in micros of its opening equity.
Raises: 23514 a limit is zero or negative; 23502 one is missing.$$;

create or replace function risk.is_breached(
    p_equity_micros bigint,
    p_from_micros   bigint,
    p_limit_micros  bigint
)
returns boolean
language sql
immutable
parallel safe
return (p_equity_micros <= p_from_micros - p_limit_micros) is not false;

comment on function risk.is_breached(bigint, bigint, bigint) is
$$True when equity has fallen by the limit or more from where it is measured; touching it counts,
and so does anything unknown.$$;

create or replace function risk.record_reject(
    p_run_id    uuid,
    p_reference text,
    p_now_at    timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into risk.rejects (run_id, reject_seq, reference, rejected_at)
    select p_run_id, coalesce(max(r.reject_seq), 0) + 1, p_reference,
           run.clamp_now(p_run_id, p_now_at)
      from risk.rejects as r
     where r.run_id = p_run_id
    on conflict (run_id, reference) do nothing;
$function$;

comment on function risk.record_reject(uuid, text, timestamptz) is
$$Counts an order that the broker refused, once.$$;

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
    select e.* into strict v_worth
      from ledger.compute_exposure(p_run_id, md.get_marks(p_run_id, v_now_at)) as e;
    select s.session_on into v_session
      from run.universe as u
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral ref.get_closed_session(i.exchange_id, v_now_at) as s
     where u.run_id = p_run_id
     limit 1;
    perform core.assert_that(v_session is not null, 'MQN04', v_now_at::text);

    v_state := risk.roll_state(p_run_id, v_session, v_worth.equity_micros, v_now_at);
    perform ledger.record_equity(
        p_run_id, v_session, v_worth.cash_micros, v_worth.net_micros, v_worth.gross_micros, v_now_at);
    v_breach := risk.find_breach(v_state, v_now_at);
    perform run.set_gate(
        p_run_id, 'RISK', v_breach is null, coalesce(v_breach, 'within limits'),
        to_jsonb(v_state) - array['run_id', 'evaluated_at'],
        v_now_at + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    return coalesce(v_breach, 'within limits');
end;
$function$;

comment on function risk.evaluate(uuid, timestamptz) is
$$Marks a run to market, rolls its day and peak, looks for a breach and sets gate RISK.
Gives 'within limits' or the breach.
Why: run after every applied fill and at every bar, so that a loss without a signal is seen too.
Raises: MQN02; MQN04; MQI02 a held symbol has no mark.$$;

create or replace function risk.roll_state(
    p_run_id        uuid,
    p_session_on    date,
    p_equity_micros bigint,
    p_now_at        timestamptz
)
returns risk.states
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    update risk.states as s
       set session_on        = greatest(s.session_on, p_session_on),
           day_start_micros  = d.day_start,
           peak_micros       = greatest(s.peak_micros, p_equity_micros),
           equity_micros     = p_equity_micros,
           worst_day_micros  = greatest(s.worst_day_micros, d.day_start - p_equity_micros),
           worst_fall_micros = greatest(s.worst_fall_micros, s.peak_micros - p_equity_micros),
           evaluated_at      = p_now_at
      from (select b.run_id, case when p_session_on > b.session_on then b.equity_micros
                                  else b.day_start_micros end as day_start
              from risk.states as b
             where b.run_id = p_run_id) as d
     where s.run_id = p_run_id
    returning s.*;
$function$;

comment on function risk.roll_state(uuid, date, bigint, timestamptz) is
$$Brings a run's risk state to a new equity. A new session starts its day at the equity before it.
Why: the day is an exchange session; the peak is never reset.$$;

create or replace function risk.find_breach(
    p_state  risk.states,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when p_state.equity_micros <= 0 then 'EQUITY_EXHAUSTED'
        when risk.is_breached(
                 p_state.equity_micros, p_state.day_start_micros, l.daily_loss_limit_micros)
            then 'DAILY_LOSS_LIMIT'
        when risk.is_breached(p_state.equity_micros, p_state.peak_micros, l.max_drawdown_micros)
            then 'MAX_DRAWDOWN'
        when (select count(*) from risk.rejects as r
               where r.run_id = p_state.run_id
                 and r.rejected_at > p_now_at - l.reject_storm_window_ms * interval '1 ms')
             >= l.reject_storm_max_rejects
            then 'REJECT_STORM' end
      from (values (p_state.run_id)) as s (run_id)
      left join risk.limits as l on l.run_id = s.run_id;
$function$;

comment on function risk.find_breach(risk.states, timestamptz) is
$$The first loss or reject limit that a run breaks, or null.
Why: one place for the order of the rules: equity gone, daily loss, drawdown, reject storm.
A run without limits or equity breaks the first that cannot be judged.$$;

create or replace function risk.find_denial(
    p_limits       risk.limits,
    p_kind         text,
    p_order_qty    bigint,
    p_before_qty   bigint,
    p_mark_micros  bigint,
    p_other_micros bigint
)
returns text
language sql
immutable
parallel safe
return case
    when p_kind = 'INDEX' then 'NOT_TRADABLE'
    when sign(p_before_qty) * sign(p_order_qty) < 0 and abs(p_order_qty) <= abs(p_before_qty)
        then null
    when num_nulls(p_before_qty, p_order_qty, p_mark_micros, p_other_micros) > 0
        then 'NO_REFERENCE_PRICE'
    when abs(p_order_qty) > p_limits.max_order_qty then 'MAX_ORDER_QTY'
    when abs(p_order_qty) * p_mark_micros > p_limits.max_order_notional_micros
        then 'MAX_ORDER_NOTIONAL'
    when p_before_qty + p_order_qty < 0 and not p_limits.allow_short then 'SHORT_NOT_ALLOWED'
    when abs(p_before_qty + p_order_qty) * p_mark_micros > p_limits.max_position_micros
        then 'MAX_POSITION'
    when p_other_micros + abs(p_before_qty + p_order_qty) * p_mark_micros
         > p_limits.max_gross_exposure_micros then 'MAX_GROSS_EXPOSURE'
end;

comment on function risk.find_denial(risk.limits, text, bigint, bigint, bigint, bigint) is
$$The first rule that denies an order, or null. p_before_qty: signed shares held plus those in open
orders; p_other_micros: gross exposure of all other symbols, open orders included.
Why: an order that only reduces a position always passes: a limit must never lock us in. Equal to a
limit is allowed; anything unknown denies.
Raises: 22003 overflow.$$;

create or replace function risk.check_order(
    p_run_id       uuid,
    p_intent_id    uuid,
    p_symbol       text,
    p_order_qty    bigint,
    p_before_qty   bigint,
    p_mark_micros  bigint,
    p_other_micros bigint,
    p_now_at       timestamptz
)
returns risk.decisions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_limits   risk.limits;
    v_rule     text;
    v_decision risk.decisions;
begin
    select l.* into strict v_limits from risk.limits as l where l.run_id = p_run_id;
    select risk.find_denial(
               v_limits, i.instrument_kind, p_order_qty, p_before_qty, p_mark_micros, p_other_micros)
      into strict v_rule
      from ref.instruments as i where i.symbol = p_symbol;

    insert into risk.decisions (
        run_id, intent_id, verdict, rule, symbol, order_qty, numbers, decided_at)
    values (p_run_id, p_intent_id, case when v_rule is null then 'ALLOW' else 'DENY' end,
            coalesce(v_rule, 'NONE'), p_symbol, p_order_qty,
            jsonb_build_object(
                'before_qty', p_before_qty, 'mark_micros', p_mark_micros,
                'other_micros', p_other_micros, 'limits', to_jsonb(v_limits) - 'run_id'),
            p_now_at)
    returning * into v_decision;
    perform audit.append_event(
        p_run_id, 'RISK', 'ORDER_' || v_decision.verdict,
        jsonb_build_object('intent_id', p_intent_id, 'rule', v_decision.rule, 'symbol', p_symbol,
                           'order_qty', p_order_qty), p_now_at);
    return v_decision;
end;
$function$;

comment on function risk.check_order(
    uuid, uuid, text, bigint, bigint, bigint, bigint, timestamptz) is
$$Decides whether an intent may become an order and stores the verdict with its numbers.
Why: an order row needs an ALLOW row for exactly its symbol and quantity (foreign key).
Raises: 23505 decided before.$$;

create or replace trigger _900_refuse_change before update or delete on risk.limits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.decisions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on risk.rejects
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.decisions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.rejects
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on risk.limits
for each statement execute function core.tg_refuse_change();

commit;
