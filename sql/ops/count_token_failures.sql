create or replace function ops.count_token_failures(
    p_token_id text,
    p_peer     text,
    p_now_at   timestamptz
)
returns table (
    of_id   bigint,
    of_peer bigint,
    of_all  bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*) filter (where u.presented_id = p_token_id),
           count(*) filter (where u.peer = p_peer and u.login = session_user),
           count(*)
      from ops.token_uses as u
     where not u.is_accepted
       and u.used_at > p_now_at - interval '1 minute';
$function$;

comment on function ops.count_token_failures(text, text, timestamptz) is
$$Refused uses of tokens in the last minute: of this token's id, of this login at this address, of all.$$;
