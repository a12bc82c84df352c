create or replace function api.md_cancel_action(
    p_action_id uuid,
    p_reason    text,
    p_now_at    timestamptz
)
returns uuid
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.cancel_action(p_action_id, p_reason, p_now_at);
$function$;

comment on function api.md_cancel_action(uuid, text, timestamptz) is
$$Cancels a corporate action that stands and that no run has applied; gives the id of the cancelling row.
Raises: MQA01; MQA12; MQN11; MQS13.$$;
