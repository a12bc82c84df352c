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
    v_run      run.runs;
    v_now_at   timestamptz;
    v_bad      text;
    v_evidence jsonb;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    select d.reason, jsonb_strip_nulls(d.evidence) || jsonb_build_object('judged_at', v_now_at)
      into v_bad, v_evidence
      from md.describe_defects(p_run_id, v_now_at) as d;
    perform run.set_gate(
        p_run_id, 'INTEGRITY', v_bad is null, left(coalesce(v_bad, 'bars are complete'), 480),
        v_evidence, v_now_at + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    return coalesce(v_bad, 'complete');
end;
$function$;

comment on function md.evaluate_integrity(uuid, timestamptz) is
$$Judges the data of a run (md.list_defects) and sets gate INTEGRITY, with every defect as its evidence.
Gives 'complete', or what is wrong.
Why: a strategy must not decide on holes, nor on numbers that are in doubt; a bar may be late by
data.stale_data_threshold_seconds, not more.
Raises: MQN02; MQA03.$$;
