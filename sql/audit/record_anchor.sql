create or replace function audit.record_anchor(
    p_engine_id text,
    p_anchor    jsonb,
    p_file_name text,
    p_now_at    timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_anchor audit.anchors;
begin
    insert into audit.anchors (
        engine_id, anchor_no, prev_hash, chain_id, event_seq, event_hash, anchored_at, reason, key_id,
        signature, file_name, actor)
    select p_engine_id, a.anchor_no, a.prev_hash, a.chain_id, a.event_seq, a.event_hash,
           timestamptz 'epoch' + a.anchored_us * interval '1 us', a.reason, a.key_id,
           a.signature, p_file_name, audit.get_actor()
      from jsonb_to_record(p_anchor) as a (
           anchor_no bigint, prev_hash text, chain_id uuid, event_seq bigint, event_hash text,
           anchored_us bigint, reason text, key_id text, signature text)
    returning * into v_anchor;
    perform core.assert_that(
        v_anchor.anchor_hash = p_anchor ->> 'anchor_hash' and p_engine_id = p_anchor ->> 'engine_id',
        'MQA66', format('anchor %s of %s', v_anchor.anchor_no, p_engine_id));
    if v_anchor.reason <> 'MINUTE' then
        perform audit.append_event(
            audit.open_engine_chain(p_engine_id, p_now_at), 'AUDIT', 'ANCHORED',
            jsonb_build_object('anchor_no', v_anchor.anchor_no, 'anchor_hash', v_anchor.anchor_hash,
                               'reason', v_anchor.reason, 'key_id', v_anchor.key_id), p_now_at);
    end if;
    return v_anchor.anchor_no;
end;
$function$;

comment on function audit.record_anchor(text, jsonb, text, timestamptz) is
$$Keeps an anchor that has been published (p_anchor: the line of the file); gives its number. One that does
not follow the last, or holds no event as it is, has no place. What asked for itself, a close too, is told.
Raises: MQA66 the hash is not of these fields; 23503, 23505, 23514.$$;
