create or replace function md.get_raw(
    p_raw_sha256 text
)
returns md.raws
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_raw md.raws;
begin
    select r.* into v_raw from md.raws as r where r.raw_sha256 = p_raw_sha256;
    perform core.assert_that(found, 'MQN52', p_raw_sha256);
    return v_raw;
end;
$function$;

comment on function md.get_raw(text) is
$$A kept answer with its body, byte for byte.
Raises: MQN52 nothing with this hash was kept.$$;
