create or replace function risk.find_breach(
    p_state  risk.states,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select risk.name_breach(
               l, p_state.equity_micros, p_state.day_start_micros, p_state.peak_micros,
               p_state.gross_micros,
               (select count(*) from risk.rejects as r
                 where r.run_id = p_state.run_id
                   and r.rejected_at > p_now_at - l.reject_storm_window_ms * interval '1 ms'))
      from (values (p_state.run_id)) as s (run_id)
      left join risk.limits as l on l.run_id = s.run_id;
$function$;

comment on function risk.find_breach(risk.states, timestamptz) is
$$The first loss or reject limit that a run breaks, or null.
A run without limits or equity breaks the first that cannot be judged.$$;
