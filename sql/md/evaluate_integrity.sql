create or replace function md.evaluate_integrity(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_policy md.policies;
    v_due_at timestamptz;
    v_bad    text;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select p.* into strict v_policy from md.policies as p where p.run_id = p_run_id;
    v_due_at := run.clamp_now(p_run_id, p_now_at) - v_policy.stale_after_ms * interval '1 ms';

    select string_agg(format('%s lacks %s', m.symbol, m.sessions), '; ' order by m.symbol) into v_bad
      from (select u.symbol, string_agg(g.session_on::text, ', ' order by g.session_on) as sessions
              from run.universe as u
              join ref.instruments as i on i.symbol = u.symbol
              cross join lateral (
                select min(w.session_on) as from_on
                  from (select s.session_on from ref.sessions as s
                         where s.exchange_id = i.exchange_id and s.closes_at <= v_due_at
                         order by s.session_on desc limit v_policy.gap_window_bars) as w) as w
              cross join lateral md.list_gaps(u.symbol, w.from_on, v_due_at) as g
             where u.run_id = p_run_id
             group by u.symbol) as m;
    if v_bad is null and not exists (
        select from ref.sessions as s where s.closes_at > p_now_at)
    then
        v_bad := 'the session calendar has ended';
    end if;
    perform run.set_gate(
        p_run_id, 'INTEGRITY', v_bad is null, left(coalesce(v_bad, 'bars are complete'), 500),
        jsonb_build_object('due_at', v_due_at),
        run.clamp_now(p_run_id, p_now_at) + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    return coalesce(v_bad, 'complete');
end;
$function$;

comment on function md.evaluate_integrity(uuid, timestamptz) is
$$Looks for missing or late bars of a run's symbols over its gap window and sets gate INTEGRITY.
Gives 'complete', or what is missing.
Why: a strategy must not decide on holes; a session's bar may be late by stale_after_ms, not more.
Raises: MQN02; MQA03.$$;
