create or replace function md.cancel_action(
    p_action_id uuid,
    p_reason    text,
    p_now_at    timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row md.corporate_actions;
begin
    perform core.assert_that(num_nulls(p_action_id, p_now_at) = 0, 'MQA01', 'action_id, now_at');
    perform core.assert_that(length(p_reason) between 1 and 500, 'MQA12', p_reason);
    lock table md.corporate_actions in share row exclusive mode;
    select a.* into v_row from md.corporate_actions as a where a.action_id = p_action_id;
    perform core.assert_that(found, 'MQN11', p_action_id::text);
    v_row.action_id := core.derive_id('action', array[v_row.symbol, 'CANCEL', p_action_id::text]);
    v_row.action_kind := 'CANCEL';
    v_row.ratio_num := 1;
    v_row.ratio_den := 1;
    v_row.amount_micros := 0;
    v_row.record_on := null;
    v_row.pay_on := null;
    v_row.pay_at := null;
    v_row.cancels_id := p_action_id;
    v_row.announced_at := p_now_at;
    v_row.source := 'person: ' || p_reason;
    v_row.source_sha256 := core.hash_text(p_reason);
    v_row.line_no := 0;
    v_row.loaded_at := p_now_at;
    perform md.store_action(v_row);
    return v_row.action_id;
end;
$function$;

comment on function md.cancel_action(uuid, text, timestamptz) is
$$Cancels a corporate action that stands, by a row of its own; gives its id. Nothing is deleted: as of a
time before p_now_at it still stands.
Raises: MQA01; MQA12 no reason; MQN11 there is no such action, or it was cancelled before.$$;
