create or replace function ops.arm_run(
    p_run_id  uuid,
    p_confirm text,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_checks jsonb;
    v_failed text;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        p_confirm = ops.get_arm_words(p_run_id), 'MQA11', coalesce(p_confirm, 'nothing'));
    select jsonb_agg(to_jsonb(c)),
           string_agg(c.check_name || ': ' || c.detail, '; ') filter (where c.is_ok is not true)
      into v_checks, v_failed
      from ops.check_preflight(p_run_id, p_now_at) as c;
    perform core.assert_that(v_failed is null, 'MQG03', v_failed);
    perform run.arm_run(p_run_id, p_confirm, v_checks, p_now_at);
end;
$function$;

comment on function ops.arm_run(uuid, text, timestamptz) is
$$Arms a run when the words match and every preflight check passes; what was seen is the proof.
Raises: MQN02; MQA11; MQG03 naming the failed checks; and all of run.arm_run.$$;
