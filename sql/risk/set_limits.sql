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
    insert into risk.limits
    select l.* from risk.compute_limits(p_run_id, p_equity_micros, p_risk) as l;

    insert into risk.states (
        run_id, session_on, day_start_micros, peak_micros, equity_micros, gross_micros,
        worst_day_micros, worst_fall_micros, evaluated_at)
    values (p_run_id, p_session_on, p_equity_micros, p_equity_micros, p_equity_micros, 0, 0, 0,
            p_now_at);
    select audit.append_event(
               p_run_id, 'RISK', 'LIMITS_SET',
               jsonb_build_object(
                   'session_on', p_session_on, 'equity_micros', p_equity_micros,
                   'limits', to_jsonb(l) - 'run_id'), p_now_at)
      from risk.limits as l
     where l.run_id = p_run_id;
$function$;

comment on function risk.set_limits(uuid, bigint, jsonb, date, timestamptz) is
$$Pins the limits of a run at its creation, and begins its risk state; both in the diary.
Raises: 23514 a limit is zero or negative, or halt_leverage below max_leverage; 23502 one is missing.$$;
