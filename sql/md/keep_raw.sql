create or replace function md.keep_raw(
    p_feed         text,
    p_request      jsonb,
    p_content_type text,
    p_body         bytea,
    p_now_at       timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_secrets text;
    v_sha256  text;
begin
    perform core.assert_that(
        num_nulls(p_feed, p_request, p_content_type, p_body, p_now_at) = 0, 'MQA01',
        'feed, request, content_type, body, now_at');
    v_secrets := core.find_secret(p_request::text);
    perform core.assert_that(v_secrets is null, 'MQA30', v_secrets);
    insert into md.raws (feed, request, content_type, body, fetched_by, fetched_at)
    values (p_feed, p_request, p_content_type, p_body, audit.get_actor(), p_now_at)
    on conflict (raw_sha256) do nothing
    returning raw_sha256 into v_sha256;
    return coalesce(v_sha256, encode(sha256(p_body), 'hex'));
end;
$function$;

comment on function md.keep_raw(text, jsonb, text, bytea, timestamptz) is
$$Keeps what a feed answered, byte for byte; gives the SHA-256 of the body. The same body again: nothing.
Why: what was read out of an answer can be read out of it again, also when it was refused.
Raises: MQA01; MQA30 a secret in the request; 23514 a feed without a name, a body above 64 MiB.$$;
