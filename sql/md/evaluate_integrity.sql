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

    select string_agg(format('%s lacks %s', m.symbol, m.bars), '; ' order by m.symbol) into v_bad
      from (select g.symbol, string_agg(md.format_bar(v_policy.timeframe, g.session_on, g.bar_end_at),
                                        ', ' order by g.bar_end_at) as bars
              from md.list_window_gaps(p_run_id, v_due_at) as g
             group by g.symbol) as m;
    v_bad := coalesce(v_bad, md.find_jumps(p_run_id, p_now_at));
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
$$Looks for missing or late bars of a run's symbols over its gap window, and for jumps that look like
a split that nobody announced, and sets gate INTEGRITY.
Gives 'complete', or what is missing.
Why: a strategy must not decide on holes; a bar may be late by stale_after_ms, not more.
Raises: MQN02; MQA03.$$;
