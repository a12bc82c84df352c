create or replace function risk.roll_state(
    p_run_id        uuid,
    p_session_on    date,
    p_equity_micros bigint,
    p_gross_micros  bigint,
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
           gross_micros      = p_gross_micros,
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

comment on function risk.roll_state(uuid, date, bigint, bigint, timestamptz) is
$$Brings a run's risk state to a new equity and gross exposure.
A new session starts its day at the equity before it.
Why: the day is an exchange session; the peak is never reset.$$;
