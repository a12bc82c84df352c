create or replace function md.store_action(
    p_action md.corporate_actions
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row  md.corporate_actions := p_action;
    v_twin md.corporate_actions;
begin
    select a.* into v_twin from md.corporate_actions as a
     where a.symbol = p_action.symbol and a.action_kind = p_action.action_kind
       and a.ex_on = p_action.ex_on and a.action_kind <> 'CANCEL'
       and a.action_id is distinct from p_action.cancels_id
       and not exists (select from md.corporate_actions as c where c.cancels_id = a.action_id)
     limit 1;
    perform core.assert_that(
        v_twin.action_id is null, 'MQA40',
        format('line %s CONTRADICTS %s: %s ex %s is announced as %s', p_action.line_no,
               v_twin.action_id, p_action.symbol, p_action.ex_on, md.format_terms(v_twin)));
    perform core.assert_that(
        p_action.cancels_id is null or exists (
            select from md.corporate_actions as a
             where a.action_id = p_action.cancels_id and a.symbol = p_action.symbol
               and a.announced_at <= p_action.announced_at
               and not exists (select from md.corporate_actions as c
                                where c.cancels_id = a.action_id)),
        'MQN11', p_action.cancels_id::text);
    v_row.loaded_by := audit.get_actor();
    insert into md.corporate_actions select v_row.*;
    perform audit.append_desk_event(
        'MARKET', case p_action.action_kind when 'CANCEL' then 'ACTION_CANCELLED'
                                            else 'ACTION_ANNOUNCED' end,
        jsonb_build_object(
            'action_id', p_action.action_id, 'symbol', p_action.symbol,
            'action_kind', p_action.action_kind, 'ex_on', p_action.ex_on,
            'terms', md.format_terms(p_action), 'cancels_id', p_action.cancels_id,
            'announced_at', core.format_iso(p_action.announced_at), 'source', p_action.source,
            'source_sha256', p_action.source_sha256), p_action.loaded_at);
end;
$function$;

comment on function md.store_action(md.corporate_actions) is
$$Stores one corporate action and tells the desk's diary. The caller holds the table's lock.
Why: of one kind, a symbol has one action an ex session; another one must say which it cancels.
Raises: MQA40 it contradicts one that stands; MQN11 what it cancels does not stand.$$;
