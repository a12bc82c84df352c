create or replace function audit.append_event(
    p_chain_id   uuid,
    p_topic      text,
    p_event_name text,
    p_payload    jsonb,
    p_now_at     timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_head audit.chains;
    v_seq  bigint;
    v_hash text;
begin
    if isfinite(p_now_at) is not true then
        perform core.raise_error('MQA02', coalesce('now_at ' || p_now_at, 'now_at'));
    end if;
    select c.* into v_head from audit.chains as c where c.chain_id = p_chain_id for no key update;
    if not found then
        perform core.raise_error('MQN01', p_chain_id::text);
    end if;

    insert into audit.events (
        chain_id, event_seq, prev_hash, occurred_at, reported_at, actor, topic, event_name, payload)
    values (p_chain_id, v_head.last_seq + 1, v_head.last_hash, greatest(p_now_at, v_head.last_at),
            p_now_at, audit.get_actor(), p_topic, p_event_name, p_payload)
    returning event_seq, event_hash into v_seq, v_hash;

    update audit.chains as c
       set last_seq = v_seq, last_hash = v_hash, last_at = greatest(p_now_at, c.last_at)
     where c.chain_id = p_chain_id;
    return v_seq;
end;
$function$;

comment on function audit.append_event(uuid, text, text, jsonb, timestamptz) is
$$Appends one event to a chain; gives its sequence number.
Why: the head is locked, so that two writers cannot follow the same event; time never goes back.
Raises: MQN01 no such chain; MQA02 a time without end.$$;
