create or replace function ops.approve_run(
    p_run_id  uuid,
    p_confirm text,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        p_confirm = ops.get_arm_words(p_run_id), 'MQA11', coalesce(p_confirm, 'nothing'));
    perform run.approve_run(p_run_id, p_confirm, p_now_at);
end;
$function$;

comment on function ops.approve_run(uuid, text, timestamptz) is
$$Approves arming a run, in the very words that arm it.
Why: whoever approves has read which account it is and how much may be lost in a day.
Raises: MQA11; MQN02.$$;
