create or replace function run.arm_run(
    p_run_id uuid,
    p_words  text,
    p_checks jsonb,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run      run.runs;
    v_now_at   timestamptz;
    v_shut     text;
    v_approval run.approvals;
    v_artifact run.artifacts;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    perform core.assert_that(v_run.run_status <> 'HALTED', 'MQG06', p_run_id::text);
    select string_agg(s.gate || ': ' || s.reason, '; ') into v_shut
      from run.list_shut_gates(p_run_id, array['INTEGRITY', 'RECON', 'RISK'], p_now_at) as s;
    perform core.assert_that(v_shut is null, 'MQG01', v_shut);
    select a.* into v_approval
      from run.list_approvals(p_run_id, v_now_at) as a
     where a.approved_by <> audit.get_actor() and a.words = p_words
     order by a.approved_at desc
     limit 1;
    perform core.assert_that(v_run.mode <> 'LIVE' or found, 'MQG04', audit.get_actor());
    v_artifact := run.find_artifact(v_run.config_hash);
    perform core.assert_that(
        v_run.mode <> 'LIVE' or v_artifact.artifact_id is not null, 'MQG80', v_run.config_hash);
    perform run.move_run(p_run_id, 'ARMED', 'armed by ' || audit.get_actor(), p_now_at);
    insert into run.armings (
        run_id, history_seq, mode, config_hash, artifact_id, terms_hash, words, checks,
        armed_by, approved_by, approved_at,
        build, fingerprint, schema_mark, boot_at, armed_at)
    select p_run_id, v_run.status_seq + 1, v_run.mode, v_run.config_hash, v_artifact.artifact_id,
           v_artifact.terms_hash, p_words, p_checks, audit.get_actor(), v_approval.approved_by,
           v_approval.approved_at, w.build,
           core.compute_fingerprint(), core.get_schema_mark(), core.get_boot_at(), v_now_at
      from run.workers as w
     where w.run_id = p_run_id and w.worker_kind = 'gateway';
    perform audit.append_event(
        p_run_id, 'RUNTIME', 'ARMING_PROVEN',
        jsonb_build_object(
            'config_hash', v_run.config_hash, 'artifact_id', v_artifact.artifact_id,
            'words', p_words, 'checks', p_checks, 'approved_by', v_approval.approved_by), p_now_at);
end;
$function$;

comment on function run.arm_run(uuid, text, jsonb, timestamptz) is
$$Arms a run whose integrity, reconcile and risk gates are open and fresh, and keeps the proof: the
words, every check (an array of {check_name, is_ok, ...}), who armed, who approved, the gateway's
program and the database's fingerprint.
A LIVE run needs an approval of the same words by another login, at most 15 minutes old, not used
before, and a promoted artifact of its terms.
Raises: MQG06 halted; MQG01 a gate is shut; MQG04 no second person; MQG80 no artifact; MQS01; MQS04;
23514 a check that did not pass; 23503 at commit when no gateway is registered.$$;
