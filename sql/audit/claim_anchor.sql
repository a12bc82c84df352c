create or replace function audit.claim_anchor(
    p_engine_id text,
    p_file_end  jsonb,
    p_key_id    text,
    p_closed_at timestamptz,
    p_now_at    timestamptz
)
returns table (
    is_signed boolean,
    anchor    jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_last audit.anchors := audit.get_last_anchor(p_engine_id);
    v_no   bigint := coalesce(v_last.anchor_no, 0);
    v_hash text := coalesce(v_last.anchor_hash, '');
begin
    if (p_file_end ->> 'anchor_no')::bigint = v_no + 1 and p_file_end ->> 'prev_hash' = v_hash then
        return query select true, p_file_end;
        return;
    end if;
    if (coalesce(p_file_end ->> 'anchor_no', '0'), coalesce(p_file_end ->> 'anchor_hash', ''))
       is distinct from (v_no::text, v_hash)
    then
        perform core.raise_error('MQG66', format(
            '%s: the file ends with %s %s, the database with %s %s', p_engine_id,
            coalesce(p_file_end ->> 'anchor_no', 'none'), left(p_file_end ->> 'anchor_hash', 16),
            v_no, left(v_hash, 16)));
    end if;
    return query
    select false, jsonb_build_object(
               'engine_id', p_engine_id, 'anchor_no', v_no + 1, 'prev_hash', v_hash,
               'chain_id', u.chain_id, 'event_seq', u.event_seq, 'event_hash', u.event_hash,
               'anchored_us',
               (extract(epoch from greatest(p_now_at, v_last.anchored_at)) * 1000000)::bigint,
               'reason', u.reason, 'key_id', p_key_id)
      from audit.find_unanchored(p_engine_id, p_closed_at, p_now_at) as u
     where u.reason is not null
     limit 1;
end;
$function$;

comment on function audit.claim_anchor(text, jsonb, text, timestamptz, timestamptz) is
$$Gives the next anchor to be signed and published, none when nothing is due, or (is_signed) the last line
of the anchor file when it has not been recorded: its worker ended between the two.
Why: the file is written first, so that what the database holds has been published; and a database that
was set back, or a file that was cut, shows here at once.
Raises: MQG66 file and database do not end with the same anchor.$$;
